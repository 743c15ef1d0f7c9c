"""The Zendesk connector: its ticket, and what agents do with it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from pydantic import JsonValue

from connectors import connect
from connectors.zendesk import Zendesk
from handoff.domain.card import Auth, CardCustomer, CheckResult, Claim
from handoff.domain.errors import ConnectorError
from handoff.domain.escalation import State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Receiver, plain
from tests.vendors import zendesk as fake

MORE = {"groups": {"billing": "77"}, "fields": {"reason_code": "501"}, "own_id": "99"}


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the account it talks to."""

    zendesk: Zendesk
    fake: fake.Zendesk
    peer: Receiver


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with an account on loopback."""
    account = fake.Zendesk()
    with Receiver(account) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**fake.SETTINGS, **MORE, "url": peer.url.removesuffix("/hook")}
        made = connect("zendesk", told, outbound)
        assert isinstance(made, Zendesk)
        yield House(made, account, peer)


def test_a_ticket_has_all_that_was_configured(house: House) -> None:
    """The card is an internal note; the requester is nobody while nobody is verified."""
    house.zendesk.deliver(parcel())

    ticket = house.fake.tickets[1000]
    comment = ticket["comment"]
    assert isinstance(comment, dict)
    assert comment["public"] is False
    assert (ticket["group_id"], ticket["priority"], ticket["status"]) == (77, "high", "open")
    assert ticket["custom_fields"] == [{"id": 501, "value": "customer_requested_human"}]
    assert ticket["tags"] == ["handoff", "customer_requested_human"]
    assert "requester" not in ticket
    assert house.peer.ledger[0].headers["idempotency-key"] == "dlv_1"


def test_a_ticket_that_another_one_changes_is_tried_again_by_its_key(house: House) -> None:
    """Zendesk answers 409 to two changes at a time: neither is refused for good, nor unknown."""
    reference = house.zendesk.deliver(parcel()).reference
    house.peer.answer = plain("409 Conflict")

    with pytest.raises(ConnectorError) as caught:
        house.zendesk.deliver(replace(parcel("dlv_2", "changed"), reference=reference))

    assert (caught.value.retryable, caught.value.unknown) == (True, False)
    assert house.peer.ledger[-1].headers["idempotency-key"] == "dlv_2"


@pytest.mark.parametrize("status", list(CheckResult))
def test_only_who_is_verified_is_the_requester(house: House, status: CheckResult) -> None:
    """Anybody can say an e-mail address."""
    told = parcel()
    email = Claim(name="email", value="ann@example.com", status="verified", turns=(0,))
    customer = CardCustomer(claimed=(email,), auth=Auth(status=status))

    house.zendesk.deliver(replace(told, card=told.card.model_copy(update={"customer": customer})))

    passed = status is CheckResult.PASSED
    assert ("requester" in house.fake.tickets[1000]) is passed


def test_a_ticket_is_solved_and_opens_again_with_ours(house: House) -> None:
    """Its status follows the escalation's state."""
    reference = house.zendesk.deliver(parcel()).reference
    statuses = []
    for number, state in enumerate((State.CLOSED, State.ACTIVE)):
        told = parcel(f"dlv_{number + 2}", "closed" if state is State.CLOSED else "changed")
        moved = told.escalation.evolve(state=state)
        house.zendesk.deliver(replace(told, escalation=moved, reference=reference))
        statuses.append(house.fake.tickets[1000]["status"])

    assert statuses == ["solved", "open"]


def test_a_change_that_arrived_is_found_in_the_audits(house: House) -> None:
    """Its note is not written twice."""
    opened = house.zendesk.deliver(parcel())
    update = replace(parcel("dlv_2", "updated"), reference=opened.reference)

    before = house.zendesk.look_up(update)
    house.zendesk.deliver(update)

    assert (before, house.zendesk.look_up(update)) == (None, opened)


def comment(author: str = "7", *, public: bool, staff: bool = True) -> JsonValue:
    """Return a comment's event."""
    person: JsonValue = {"id": author, "is_staff": staff, "name": "Zoe"}
    return {"comment": {"id": "1", "body": "Hello", "is_public": public, "author": person}}


@pytest.mark.parametrize(
    ("kind", "event", "verb"),
    [
        ("agent_assignment_changed", {"current": "7", "previous": None}, "assigned"),
        ("agent_assignment_changed", {"current": None, "previous": "7"}, None),
        ("status_changed", {"current": "SOLVED", "previous": "OPEN"}, "resolve"),
        ("status_changed", {"current": "OPEN", "previous": "NEW"}, None),
        ("comment_added", comment(public=True), "message"),
        ("comment_added", comment(public=False), "note"),
        ("comment_added", comment(public=True, staff=False), None),
        ("comment_added", comment("99", public=False), None),
        ("priority_changed", {"current": "LOW"}, None),
    ],
)
def test_what_happens_to_a_ticket_is_understood(
    house: House, kind: str, event: JsonValue, verb: str | None
) -> None:
    """Assigned, commented, solved; what we did ourselves is not told back."""
    said = house.zendesk.understand(fake.signed(fake.event(kind, event), NOW))

    assert [each.verb for each in said] == ([verb] if verb else [])
    assert all(each.by == "zendesk:7" for each in said)

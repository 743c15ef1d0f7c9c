"""The Freshdesk connector: its ticket and notes, and what rules tell of."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from connectors import connect
from connectors.freshdesk import Freshdesk
from handoff.domain.card import Auth, CardCustomer, CheckResult, Claim
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated
from handoff.domain.escalation import State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Received, Receiver, plain
from tests.vendors import freshdesk as fake
from tests.vendors.answers import told


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the account it talks to."""

    freshdesk: Freshdesk
    fake: fake.Freshdesk
    peer: Receiver


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with an account on loopback."""
    account = fake.Freshdesk()
    with Receiver(account) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        made = connect(
            "freshdesk", {**fake.SETTINGS, "url": peer.url.removesuffix("/hook")}, outbound
        )
        assert isinstance(made, Freshdesk)
        yield House(made, account, peer)


def test_the_card_is_a_private_note_and_the_customer_sees_none_of_it(house: House) -> None:
    """A ticket's description is the requester's."""
    house.freshdesk.deliver(parcel(said="my secret worry"))

    ticket, (note,) = house.fake.tickets[1000], house.fake.notes[1000]
    assert note["private"] is True
    assert "secret worry" in str(note["body"])
    assert "secret" not in str(ticket["description"])
    assert (ticket["group_id"], ticket["priority"], ticket["email"]) == (77, 3, "bot@acme.example")


@pytest.mark.parametrize("status", list(CheckResult))
def test_only_who_is_verified_is_the_requester(house: House, status: CheckResult) -> None:
    """Anybody can say an e-mail address."""
    sent = parcel()
    email = Claim(name="email", value="ann@example.com", status="verified", turns=(0,))
    customer = CardCustomer(claimed=(email,), auth=Auth(status=status))
    house.freshdesk.deliver(replace(sent, card=sent.card.model_copy(update={"customer": customer})))

    passed = house.fake.tickets[1000]["email"] == "ann@example.com"
    assert passed is (status is CheckResult.PASSED)


@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize("place", ["/tickets ", "/notes "])
def test_whichever_call_breaks_there_is_one_ticket_with_one_note(
    house: House, place: str, *, effect: bool
) -> None:
    """It is looked for before it is made again."""
    works = house.peer.answer

    def failing(request: Received) -> Iterator[bytes]:
        if request.line.startswith("POST") and place in request.line:
            if effect:
                list(works(request))
            return told(request, {}, "503 Service Unavailable")
        return works(request)

    house.peer.answer = failing
    with pytest.raises(ConnectorError) as caught:
        house.freshdesk.deliver(parcel())
    house.peer.answer = works
    receipt = house.freshdesk.look_up(parcel()) or house.freshdesk.deliver(parcel(attempt=2))

    assert (caught.value.unknown, receipt.reference) == (True, "1000")
    assert [len(notes) for notes in house.fake.notes.values()] == [1]


def test_it_is_found_among_many(house: House) -> None:
    """Page after page."""
    for number in range(1, 250):
        house.fake.tickets[number + 2_000] = {"id": number + 2_000, "custom_fields": {}}
    house.fake.tickets[5_000] = {"id": 5_000, "custom_fields": {"cf_handoff": "esc_1"}}
    house.fake.notes[5_000] = []

    assert house.freshdesk.deliver(parcel(attempt=2)).reference == "5000"


@pytest.mark.parametrize(("event", "status"), [("closed", 4), ("withdrawn", 5), ("changed", 3)])
def test_a_ticket_follows_the_escalation(house: House, event: str, status: int) -> None:
    """Resolved with it, closed where somebody else is asked, pending while it is deferred."""
    opened = house.freshdesk.deliver(parcel())
    later = replace(parcel("dlv_2", event), reference=opened.reference)
    state = State.CLOSED if event == "closed" else State.DEFERRED
    moved = later.escalation.evolve(state=state, owner="ana")

    house.freshdesk.deliver(replace(later, escalation=moved))

    ticket = house.fake.tickets[1000]
    assert (ticket["status"], ticket["responder_id"]) == (status, 5)


@pytest.mark.parametrize(
    ("told_of", "verb"),
    [
        ({}, "assigned"),
        ({"responder_id": None}, None),
        ({"status": 4}, "resolve"),
        ({"status": 5, "responder_id": None}, "resolve"),
        ({"custom_fields": {}}, None),
        ({"custom_fields": None}, None),
    ],
)
def test_what_became_of_a_ticket_is_read_from_freshdesk(
    house: House, told_of: dict[str, object], verb: str | None
) -> None:
    """A rule says which one, and nothing more is believed."""
    house.fake.told_of |= told_of

    said = house.freshdesk.understand(fake.signed(fake.RULED, NOW))

    assert [each.verb for each in said] == ([verb] if verb else [])


def test_a_silent_freshdesk_refuses_the_callback_and_does_not_fail(house: House) -> None:
    """The rule's webhook is answered in any case."""
    house.peer.answer = plain("503 Service Unavailable")

    with pytest.raises(Invalid):
        house.freshdesk.understand(fake.signed(fake.RULED, NOW))


def test_without_the_secret_nothing_is_asked(house: House) -> None:
    """A stranger does not make us call."""
    with pytest.raises(Unauthenticated):
        house.freshdesk.understand(replace(fake.signed(fake.RULED, NOW), headers={}))
    assert house.peer.ledger == []

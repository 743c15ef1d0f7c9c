"""The Intercom connector: its steps, and what teammates do."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from connectors import connect
from connectors.intercom import Intercom
from handoff.domain.connector import Parcel
from handoff.domain.errors import ConnectorError
from handoff.domain.escalation import CloseOutcome, State
from handoff.domain.signatures import mark
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Received, Receiver
from tests.vendors import intercom as fake
from tests.vendors.answers import told

STEPS = ["attributes", "note", "open", "assignment"]


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the conversation it talks about."""

    intercom: Intercom
    fake: fake.Intercom
    peer: Receiver


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with a workspace on loopback."""
    workspace = fake.Intercom()
    with Receiver(workspace) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        settings = {**fake.SETTINGS, "url": peer.url.removesuffix("/hook")}
        made = connect("intercom", settings, outbound)
        assert isinstance(made, Intercom)
        yield House(made, workspace, peer)


def moved(told: Parcel, **changes: object) -> Parcel:
    """Return a parcel whose escalation has changed."""
    return replace(told, escalation=told.escalation.evolve(**changes), reference=fake.NUMBER)


def test_an_opening_notes_opens_and_assigns(house: House) -> None:
    """The card is there before anybody is told; other attributes stay."""
    house.intercom.deliver(parcel())

    assert house.fake.calls == STEPS
    assert (house.fake.state, house.fake.team) == ("open", "814865")
    assert house.fake.attributes == {"plan": "gold", "handoff": fake.MARK}


@pytest.mark.parametrize("broken", range(len(STEPS)))
def test_a_try_that_ended_half_way_goes_on_from_there(house: House, broken: int) -> None:
    """Whichever call fails, after it took effect, nothing is done twice."""
    works = house.peer.answer

    def failing(request: Received) -> Iterator[bytes]:
        if not request.line.startswith("GET") and len(house.fake.calls) == broken:
            list(works(request))
            return told(request, {"type": "error.list"}, "503 Service Unavailable")
        return works(request)

    house.peer.answer = failing
    with pytest.raises(ConnectorError) as caught:
        house.intercom.deliver(parcel())
    house.peer.answer = works
    found = house.intercom.look_up(parcel())
    again = found or house.intercom.deliver(parcel(attempt=2))

    assert caught.value.unknown
    assert (again.reference, house.fake.calls) == (fake.NUMBER, STEPS)


@pytest.mark.parametrize(
    ("event", "outcome", "state"),
    [
        ("closed", CloseOutcome.RESOLVED, "closed"),
        ("closed", CloseOutcome.RETURNED, "open"),
        ("withdrawn", None, "open"),
    ],
)
def test_an_end_closes_it_or_gives_it_back(
    house: House, event: str, outcome: CloseOutcome | None, state: str
) -> None:
    """What goes elsewhere or back to the bot stays open, and nobody's."""
    house.intercom.deliver(parcel())
    house.intercom.deliver(moved(parcel("dlv_2", event), state=State.CLOSED, outcome=outcome))

    assert house.fake.state == state
    assert (house.fake.team is None) is (state == "open")


def test_who_has_it_is_assigned_and_let_go(house: House) -> None:
    """Those who are known over there."""
    house.intercom.deliver(parcel())
    house.intercom.deliver(moved(parcel("dlv_2", "changed"), state=State.ACTIVE, owner="ana"))
    owner = house.fake.admin
    house.intercom.deliver(moved(parcel("dlv_3", "changed"), state=State.QUEUED))

    assert (owner, house.fake.admin) == (25, None)


def test_an_owners_name_is_no_markup(house: House) -> None:
    """Names are somebody's words too."""
    house.intercom.deliver(parcel())
    end = moved(parcel("dlv_2", "closed"), state=State.CLOSED, owner="<img src=x>")

    house.intercom.deliver(end)

    assert not any("<img" in str(part["body"]) for part in house.fake.parts)


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        (fake.REPLIED, "message"),
        (fake.event("conversation.admin.noted"), "note"),
        (fake.event("conversation.admin.assigned"), "assigned"),
        (fake.event("conversation.admin.closed"), "resolve"),
        (fake.event("conversation.admin.closed", author="99"), None),
        (fake.event("conversation.admin.assigned", author="99"), None),
        (fake.event("conversation.admin.replied", author="3", type="bot"), None),
        (fake.event("conversation.admin.replied", body="<p> </p>"), None),
        (fake.event("conversation.user.replied", author="u", type="user"), None),
        (fake.event("conversation.admin.snoozed"), None),
        (fake.event("conversation.admin.replied", marked="esc_1"), None),
        (fake.event("conversation.admin.replied", marked=mark("x", fake.NUMBER, "esc_1")), None),
        (b'{"type": "notification_event", "topic": "ping", "id": null}', None),
    ],
)
def test_what_teammates_do_is_understood(house: House, body: bytes, verb: str | None) -> None:
    """A teammate's words take the floor; a bot's, a customer's and our own do not."""
    said = house.intercom.understand(fake.signed(body, NOW))

    assert [each.verb for each in said] == ([verb] if verb else [])
    assert all(each.by == "ana" for each in said)
    assert all(each.details.get("text", "Hello & welcome") == "Hello & welcome" for each in said)

"""The connector of Request Tracker: its ticket, and what its scrip tells."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from connectors import connect
from connectors.request_tracker import RequestTracker
from handoff.domain.errors import ConnectorError, Invalid
from handoff.domain.escalation import State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Received, Receiver
from tests.vendors import request_tracker as fake

MORE = {"queues": {"billing": "Invoices"}, "people": {"ana": "Ana Li"}}


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the RT it talks to."""

    rt: RequestTracker
    fake: fake.RequestTracker
    peer: Receiver


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with an RT on loopback."""
    there = fake.RequestTracker()
    with Receiver(there) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**fake.SETTINGS, **MORE, "url": peer.url.removesuffix("/hook")}
        made = connect("request_tracker", told, outbound)
        assert isinstance(made, RequestTracker)
        yield House(made, there, peer)


def test_a_ticket_has_the_card_and_is_in_its_queue(house: House) -> None:
    """Nobody is its requestor: RT would write to whom the customer named."""
    house.rt.deliver(parcel(said="<script>x</script> help"))

    ticket = house.fake.tickets[1]
    assert (ticket["Queue"], ticket["Priority"], ticket["Status"]) == ("Invoices", 75, "open")
    assert ticket["RefersTo"] == ["handoff:esc_1"]
    assert "<script>" not in str(ticket["Content"])
    assert "Requestor" not in ticket


def test_a_ticket_follows_its_escalation(house: House) -> None:
    """Status and owner by our state; each change has a comment."""
    reference = house.rt.deliver(parcel()).reference
    seen = []
    for number, state in enumerate((State.ACTIVE, State.DEFERRED, State.CLOSED, State.ACTIVE)):
        told = parcel(f"dlv_{number + 2}", "closed" if state is State.CLOSED else "changed")
        moved = told.escalation.evolve(state=state, owner="Ana Li")
        house.rt.deliver(replace(told, escalation=moved, reference=reference))
        seen.append(house.fake.tickets[1]["Status"])

    assert seen == ["open", "stalled", "resolved", "open"]
    assert house.fake.tickets[1]["Owner"] == "ana"
    assert [one["Subject"] for one in house.fake.comments] == [f"dlv_{n}" for n in (2, 3, 4, 5)]


def test_a_change_that_somebody_else_overtook_is_tried_again(house: House) -> None:
    """By If-Match: nothing is overwritten unread."""
    reference = house.rt.deliver(parcel()).reference
    works = house.peer.answer

    def overtaken(request: Received) -> Iterator[bytes]:
        answer = works(request)
        house.fake.transactions += request.line.startswith("GET")
        return answer

    house.peer.answer = overtaken
    with pytest.raises(ConnectorError) as caught:
        house.rt.deliver(replace(parcel("dlv_2", "updated"), reference=reference))

    assert (caught.value.retryable, caught.value.unknown) == (True, False)
    assert house.fake.comments == []


def test_an_end_that_rt_ignores_is_no_end(house: House) -> None:
    """It answers 200 where its lifecycle forbids the change."""
    reference = house.rt.deliver(parcel()).reference
    house.fake.frozen = True
    told = parcel("dlv_2", "closed")
    ended = replace(told, escalation=told.escalation.evolve(state=State.CLOSED))

    with pytest.raises(ConnectorError, match="lifecycle") as caught:
        house.rt.deliver(replace(ended, reference=reference))

    assert not caught.value.retryable


def test_a_second_try_searches_before_it_creates(house: House) -> None:
    """A process may have died between the ticket and its record."""
    first = house.rt.deliver(parcel())

    assert house.rt.deliver(parcel(attempt=2)) == first
    assert len(house.fake.tickets) == 1


def test_a_change_is_found_by_its_comment(house: House) -> None:
    """Which is made last."""
    opened = house.rt.deliver(parcel())
    update = replace(parcel("dlv_2", "updated"), reference=opened.reference)

    before = house.rt.look_up(update)
    house.rt.deliver(update)

    assert (before, house.rt.look_up(update)) == (None, opened)


def test_an_end_without_a_beginning_is_nothing(house: House) -> None:
    """Nothing is created to be closed."""
    for event in ("closed", "withdrawn"):
        house.rt.deliver(parcel("dlv_9", event))

    assert house.fake.tickets == {}


@pytest.mark.parametrize(
    ("body", "verb", "by"),
    [
        (fake.ASSIGNED, "assigned", "Ana Li"),
        (fake.event("Set", field="Owner", owner="Nobody"), None, ""),
        (fake.event("Status", status="resolved", user="bo"), "resolve", "rt:bo"),
        (fake.event("Status", status="open"), None, ""),
        (fake.event("Comment", text="Called her"), "note", "Ana Li"),
        (fake.event("Correspond", text="Hello"), "message", "Ana Li"),
        (fake.event("Correspond", text="I am the customer", staff=False), None, ""),
        (fake.event("Comment", text=" \u0000 "), None, ""),
        (fake.event("Set", field="Priority"), None, ""),
    ],
)
def test_what_happens_to_a_ticket_is_understood(
    house: House, body: bytes, verb: str | None, by: str
) -> None:
    """Owned, resolved, commented; answers of customers by mail are not a person's."""
    said = house.rt.understand(fake.signed(body, NOW))

    assert [(each.verb, each.by) for each in said] == ([(verb, by)] if verb else [])


@pytest.mark.parametrize(
    "more", [{"id": "x"}, {"escalation_id": "../x"}, {"user": ""}, {"staff": "yes?"}, {"text": 7}]
)
def test_a_transaction_without_sense_is_malformed(house: House, more: dict[str, object]) -> None:
    """Though it is signed."""
    with pytest.raises(Invalid, match="malformed at"):
        house.rt.understand(fake.signed(fake.event("Comment", **more), NOW))

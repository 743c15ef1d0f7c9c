"""What happened over there is followed, late and out of order as it comes."""

from dataclasses import dataclass, field, replace

import pytest
from pydantic import JsonValue

from handoff.domain.connector import Callback, Said
from handoff.domain.errors import Invalid, NotFound
from handoff.domain.escalation import AttemptResult, Escalation, State
from handoff.domain.ids import external_ids
from handoff.services.deps import Deps
from handoff.services.hear import hear
from handoff.services.moving import found
from handoff.services.observe import Told
from tests import fakes
from tests.services.conftest import TENANT, escalated, say

UUID = "b18c8632-2266-4668-8665-0967dbc38a39"
"""A contact's id in which a card number could be read."""


@dataclass
class Events(fakes.Recorder):
    """A connector that says what it is told to say."""

    said: tuple[Said, ...] = ()
    told: list[dict[str, str]] = field(default_factory=list)

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what is to be said."""
        return self.said


@dataclass
class House:
    """A voice escalation that a connector was given."""

    deps: Deps
    events: Events
    escalation_id: str = ""
    count: int = 0

    def happened(self, verb: str, by: str = "zoe", **details: JsonValue) -> Escalation:
        """Have something happen; return the escalation after it."""
        self.count += 1
        self.events.said = (Said(f"e{self.count}", verb, self.escalation_id, by, details),)
        hear(self.deps, TENANT, "events", Callback({}, b"", self.deps.clock()))
        return self.deps.store.read(TENANT, lambda tx: found(tx, self.escalation_id))


@pytest.fixture
def house(deps: Deps) -> House:
    """Return it, waiting in its queue."""
    events = Events()
    made = House(replace(deps, connectors={**deps.connectors, "events": events}), events)
    made.escalation_id = escalated(made.deps, told=Told(channel="voice"))
    return made


@pytest.mark.parametrize("result", [*AttemptResult][1:5])
def test_a_leg_that_fails_puts_it_back_with_its_result(house: House, result: AttemptResult) -> None:
    """Ringing takes it; how the try ended is kept by its type."""
    ringing = house.happened("leg", leg_id="L1", state="ringing")
    failed = house.happened("leg", leg_id="L1", state="failed", result=result.value)

    assert (ringing.state, failed.state) == (State.CONNECTING, State.QUEUED)
    assert [attempt.result for attempt in failed.attempts] == [result]


def test_a_bridged_leg_is_a_connection_and_its_end_is_wrapped(house: House) -> None:
    """Nothing else than the bridge says that the customer has a person."""
    bridged = house.happened("leg", leg_id="L1", state="bridged")
    ended = house.happened("leg", leg_id="L1", state="ended")
    closed = house.happened("resolve")
    late = house.happened("leg", leg_id="L1", state="ringing")

    assert [one.state for one in (bridged, ended, closed)] == [
        State.ACTIVE,
        State.WRAPPING,
        State.CLOSED,
    ]
    assert late == closed


def test_a_leg_of_no_known_kind_is_malformed(house: House) -> None:
    """A word that nobody knows moves nothing."""
    with pytest.raises(Invalid):
        house.happened("leg", leg_id="L1", state="flying")
    with pytest.raises(Invalid):
        house.happened("leg", leg_id="L1", state="failed", result="eaten")


def test_a_reservation_is_followed_to_its_end(house: House) -> None:
    """Held, not taken, held for another: what comes late for the first changes nothing."""
    held = house.happened("reserved")
    free = house.happened("unreserved", result="declined")
    other = house.happened("reserved", by="yan")
    late = house.happened("unreserved", result="no_answer")
    taken = house.happened("assigned", by="yan")
    gone = house.happened("unreserved", by="yan", result="failed")

    states = [one.state for one in (held, free, other, late, taken, gone)]
    assert states == [
        State.RESERVED,
        State.QUEUED,
        State.RESERVED,
        State.RESERVED,
        State.CONNECTING,
        State.QUEUED,
    ]
    assert [each.result for each in gone.attempts] == ["declined", "failed"]


def test_who_writes_it_up_had_the_customer(house: House) -> None:
    """Wrapping proves a talk that nobody told us of."""
    house.happened("assigned")

    assert house.happened("wrapping").state is State.WRAPPING
    assert house.happened("wrapping").state is State.WRAPPING


def test_a_customer_who_hangs_up_is_gone(house: House) -> None:
    """Once: what comes after it changes nothing."""
    assert house.happened("left").state is State.ABANDONED
    assert house.happened("left").state is State.ABANDONED


def test_a_connector_gets_the_ids_of_the_call(house: House) -> None:
    """As the runtime told them, and nothing else of what is known of the conversation."""
    ids: dict[str, JsonValue] = {"contact": UUID, "card": "4111 1111 1111 1111", "n": 7, "x": "a b"}
    told = Told(attributes={"external": ids, "name": "Ann"})
    say(house.deps, "customer", "hello", conversation="c2", told=told)
    head = house.deps.store.read(TENANT, lambda tx: tx.conversations.head("c2"))

    assert head is not None
    assert external_ids(head.attributes) == {"contact": UUID}


def test_who_knows_only_the_conversation_is_understood(house: House) -> None:
    """Its open escalation is meant, and nothing where there is none."""
    conversation = house.happened("reserved").conversation_id
    house.events.said = (Said("e9", "assigned", "", "zoe", {}, conversation_id=conversation),)
    hear(house.deps, TENANT, "events", Callback({}, b"", house.deps.clock()))
    house.events.said = (Said("e10", "assigned", "", "zoe", {}, conversation_id="no such"),)

    with pytest.raises(NotFound):
        hear(house.deps, TENANT, "events", Callback({}, b"", house.deps.clock()))
    assert house.happened("reserved").owner == "zoe"

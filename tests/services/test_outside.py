"""What outside systems say does what it means here, and those that follow hear of changes."""

from dataclasses import dataclass, field, replace

import pytest

from handoff.domain.connector import Acknowledgement, Callback, Said
from handoff.domain.escalation import State
from handoff.services.deps import Deps
from handoff.services.hear import answer
from handoff.services.moving import found
from tests import fakes
from tests.services.conftest import TENANT, escalated


@dataclass
class Told(fakes.Recorder):
    """A connector that follows, says what it is told to say, and keeps what was refused."""

    follows: bool = True
    said: tuple[Said, ...] = ()
    refused: list[str | None] = field(default_factory=list)

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what is to be said."""
        return self.said

    def acknowledge(self, callback: Callback, refused: str | None) -> Acknowledgement:
        """Keep the refusal."""
        self.refused.append(refused)
        return Acknowledgement()


@pytest.fixture
def told() -> Told:
    """Return the connector."""
    return Told()


@pytest.fixture
def house(deps: Deps, told: Told) -> Deps:
    """Return a composition that has it."""
    return replace(deps, connectors={**deps.connectors, "told": told})


def say(house: Deps, told: Told, verb: str, escalation: str, event: str = "e1") -> State:
    """Have something said; return where the escalation stands then."""
    told.said = (Said(event, verb, escalation, "zoe", {"text": "hello"}),)
    answer(house, TENANT, "told", Callback({}, b"", house.clock()))
    return house.store.read(TENANT, lambda tx: found(tx, escalation)).state


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("claim", State.ACTIVE),
        ("assigned", State.ACTIVE),
        ("message", State.ACTIVE),
        ("resolve", State.CLOSED),
        ("note", State.QUEUED),
    ],
)
def test_each_verb_does_what_it_means(house: Deps, told: Told, verb: str, state: State) -> None:
    """From the queue, by the person named."""
    escalation = escalated(house)

    assert say(house, told, verb, escalation) is state
    assert told.refused == [None]


def test_who_cannot_have_it_is_told_so(house: Deps, told: Told) -> None:
    """The wire gets its 200; the person gets the reason."""
    escalation = escalated(house)
    say(house, told, "claim", escalation)

    say(house, told, "claim", escalation, "e2")

    assert told.refused[0] is None
    assert told.refused[1]


def test_a_follower_hears_of_each_change(house: Deps, told: Told) -> None:
    """Once per version, and the end as an end."""
    escalation = escalated(house)
    say(house, told, "claim", escalation)
    say(house, told, "resolve", escalation, "e2")

    rows = house.store.read(TENANT, lambda tx: tx.deliveries.of(escalation))

    events = [row.event for row in rows if row.connector == "told"]
    assert events == ["opened", "changed.2", "changed.3", "changed.4", "closed"]


@pytest.mark.parametrize("odd", ["a\ud800", "a\0"])
@pytest.mark.parametrize("where", ["event_id", "escalation_id", "conversation_id", "by", "details"])
def test_what_no_database_takes_is_no_failure(
    house: Deps, told: Told, where: str, odd: str
) -> None:
    """Halves of characters in what an outside system sends, which JSON may hold, and NUL."""
    escalation = escalated(house)
    plain = Said("e1", "return", escalation, "zoe", {"brief": {"done": "x"}})
    more: dict[str, object] = {where: {"brief": {odd: [odd]}} if where == "details" else odd}
    whose = {"escalation_id": ""} if where == "conversation_id" else {}
    told.said = (Said("e0", "claim", escalation, "zoe", {}), replace(plain, **whose, **more))  # type: ignore[arg-type] # by its fields

    answer(house, TENANT, "told", Callback({}, b"", house.clock()))

    unknown = where in ("escalation_id", "conversation_id")
    assert bool(told.refused[0]) is unknown


def test_words_with_half_a_character_are_kept(house: Deps, told: Told) -> None:
    """But for the half."""
    escalation = escalated(house)
    told.said = (Said("e1", "assigned", escalation, "zoe\ud83d", {}),)
    answer(house, TENANT, "told", Callback({}, b"", house.clock()))

    assert house.store.read(TENANT, lambda tx: found(tx, escalation)).owner == "zoe?"


def test_what_cannot_be_done_takes_nothing_with_it(house: Deps, told: Told) -> None:
    """Of several things in one callback that nobody will repeat."""
    escalation = escalated(house)
    late = Said("e1", "release", escalation, "zoe", {})
    told.said = (late, replace(late, event_id="e2", verb="claim"))

    answer(house, TENANT, "told", Callback({}, b"", house.clock()))

    assert told.refused[0]
    assert house.store.read(TENANT, lambda tx: found(tx, escalation)).owner == "zoe"

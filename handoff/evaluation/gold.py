"""What a file says of how a conversation went: labels of turns and an outcome, kept apart from it.

A `Conversation` has no place for any of this, so what watches one cannot see it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from handoff.domain.errors import Invalid
from handoff.domain.turn import Conversation, Turn

Said = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Gold:
    """The truth about one conversation as its file tells it; empty where it tells nothing."""

    outcome: Said = field(default_factory=dict)
    labels: Mapping[int, Said] = field(default_factory=dict)
    """By the index of the turn."""

    def label(self, turn: Turn) -> Said:
        """Return what is said of a numbered turn."""
        return self.labels.get(turn.index or 0, {})

    def handed_off(self) -> bool | None:
        """Return whether a person took over; None if that is not said."""
        said = self.outcome.get("handed_off")
        return said if isinstance(said, bool) else None

    def handoff_turn(self) -> int | None:
        """Return the index of the turn that handed over, where it is known."""
        said = self.outcome.get("handoff_turn")
        return said if isinstance(said, int) and not isinstance(said, bool) else None


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation to measure on: where it is from, and the gold if there is any."""

    conversation: Conversation
    source: str = ""
    gold: Gold | None = None


def gold_of(value: JsonValue) -> Gold:
    """Return the gold in a conversation's record; raises Invalid where it cannot be read."""
    if not isinstance(value, dict):
        return Gold()
    outcome = value.get("outcome")
    if not isinstance(outcome, dict | None):
        raise Invalid("`outcome` is not an object")
    turns = value.get("turns")
    return Gold(outcome or {}, _labels(turns if isinstance(turns, list) else ()))


def source_of(value: JsonValue, unnamed: str) -> str:
    """Return the data set that a record says it is from, else `unnamed`."""
    source = value.get("source") if isinstance(value, dict) else None
    return source if isinstance(source, str) and source else unnamed


def _labels(turns: Sequence[JsonValue]) -> dict[int, Said]:
    """Return the labels by index; a turn without an index comes after the one before it."""
    labels: dict[int, Said] = {}
    following = 0
    for place, turn in enumerate(turns):
        if not isinstance(turn, dict):
            continue
        told, label = turn.get("index"), turn.get("label")
        index = told if isinstance(told, int) else following
        following = max(following, index + 1)
        if not isinstance(label, dict | None):
            raise Invalid(f"turns[{place}].label is not an object")
        if label:
            labels[index] = label
    return labels

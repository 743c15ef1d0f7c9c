"""What the recogniser heard when the customer was asked for one item, over several attempts."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from handoff.cards.reading import index_of
from handoff.domain.extracts import value_key, words
from handoff.domain.turn import Role, Turn

_INFORMS = ("inform_", "provide_", "give_", "tell_")
_SHOWN = 3
"""Other readings shown beside the first."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One item the customer gave: its likeliest reading, other readings, the turns."""

    name: str
    value: str
    alternatives: tuple[str, ...]
    turns: tuple[int, ...]


@dataclass(slots=True)
class _Reading:
    """One reading of the words, with the weight that hypotheses gave it."""

    text: str
    weight: float = 0.0
    turns: list[int] = field(default_factory=list)


def attempts(turns: Iterable[Turn]) -> tuple[Heard, ...]:
    """Return each item given under an `inform_…` intent, readings weighed over attempts."""
    items: dict[str, dict[str, _Reading]] = {}
    for turn in turns:
        name = _item(turn)
        if not name:
            continue
        readings = items.setdefault(name, {})
        for rank, text in enumerate(dict.fromkeys((turn.text, *turn.nbest))):
            if key := value_key(" ".join(words(text))):
                reading = readings.setdefault(key, _Reading(text))
                reading.weight += 1 / (1 + rank)
                reading.turns.append(index_of(turn))
    return tuple(
        _heard(name, list(readings.values())) for name, readings in items.items() if readings
    )


def _item(turn: Turn) -> str:
    """Return the item a turn gives; a turn with slots says so better itself."""
    if turn.role is not Role.CUSTOMER or not turn.intent or turn.slots:
        return ""
    intent = turn.intent.casefold()
    return next((intent[len(start) :] for start in _INFORMS if intent.startswith(start)), "")


def _heard(name: str, readings: list[_Reading]) -> Heard:
    ranked = sorted(readings, key=lambda reading: -reading.weight)
    shown = ranked[: 1 + _SHOWN]
    return Heard(
        name=name,
        value=shown[0].text,
        alternatives=tuple(reading.text for reading in shown[1:]),
        turns=tuple(sorted({turn for reading in shown for turn in reading.turns})),
    )

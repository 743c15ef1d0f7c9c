"""What the recogniser heard when the customer was asked for one item, over several attempts."""

from collections.abc import Iterable
from dataclasses import dataclass

from handoff.cards.hypotheses import ranked
from handoff.cards.names import readable
from handoff.cards.reading import index_of
from handoff.cards.spoken import informed
from handoff.domain.extracts import value_key, words
from handoff.domain.turn import Turn

_SHOWN = 3
"""Other readings shown beside the first."""
_ATTEMPTS = 10
"""Attempts at one item that are weighed; beyond that it is no longer an attempt but a loop."""
_KINDS = {
    "postcode": frozenset({"postcode", "zip", "zipcode", "postal", "plz"}),
    "date": frozenset({"dob", "birth", "birthday", "birthdate", "date"}),
    "name": frozenset({"name", "surname", "firstname", "lastname", "fullname"}),
}
"""What a value is, by the words of its name."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One item the customer gave: its likeliest reading, other readings, the turns."""

    name: str
    value: str
    alternatives: tuple[str, ...]
    turns: tuple[int, ...]


def attempts(turns: Iterable[Turn]) -> tuple[Heard, ...]:
    """Return each item given under an `inform_…` intent, readings ranked over the attempts."""
    items: dict[str, list[Turn]] = {}
    for turn in turns:
        if (name := informed(turn)) and len(items.setdefault(name, [])) < _ATTEMPTS:
            items[name].append(turn)
    heard = (_heard(name, given) for name, given in items.items())
    return tuple(item for item in heard if item is not None)


def _heard(name: str, given: list[Turn]) -> Heard | None:
    hypotheses = [tuple(dict.fromkeys((turn.text, *turn.nbest))) for turn in given]
    values = ranked(_kind(name), hypotheses)[: 1 + _SHOWN]
    if not values:
        return None
    shown = [value_key(" ".join(words(value))) for value in values]
    turns = tuple(
        index_of(turn)
        for turn, texts in zip(given, hypotheses, strict=True)
        if any(key in value_key(" ".join(words(text))) for key in shown for text in texts)
    )
    return Heard(name, values[0], values[1:], turns or tuple(map(index_of, given)))


def _kind(name: str) -> str:
    """Return what sort of value an item is, by its name."""
    parts = {*words(readable(name))}
    return next((kind for kind, named in _KINDS.items() if parts & named), "")

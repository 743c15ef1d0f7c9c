"""Which record of a result the bot told of: two of its values in one breath name the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from handoff.cards.reading import Call, Reading, Speech
from handoff.cards.results import Leaf
from handoff.domain.dates import Day, days, readings
from handoff.domain.extracts import value_key, words
from handoff.domain.identifiers import Kind
from handoff.domain.turn import Role

_MOST_RECORDS = 300
"""Records of a conversation that are looked at."""
_MOST_FIELDS = 40
_SHORTEST = 4
"""Characters a value needs to stand for a record."""
_ENOUGH = 2
_DATE = 40
"""Characters beyond which a value is no date."""

Spoken = Mapping[int, frozenset[Day]]
"""Turn to the days that the bot named in it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A value of a record, the turn that told of it and the turn of the call that returned it."""

    leaf: Leaf
    turn: int
    returned: int


def told_of(reading: Reading) -> Iterator[Told]:
    """Yield the values of each record that one turn of the bot told at least two of."""
    spoken = _days_spoken(reading)
    left = _MOST_RECORDS
    known: set[tuple[Leaf, ...]] = set()
    for call in reading.calls:
        if call.call.ok is not True or call.is_transfer:
            continue
        for record in _records(call.returned, left):
            left -= 1
            if record in known:
                continue
            known.add(record)
            yield from _told(record, call, reading.bot, spoken)


def _records(value: JsonValue, limit: int) -> Iterator[tuple[Leaf, ...]]:
    """Yield the scalars of each object inside a value, at most `limit` objects."""
    stack: list[tuple[tuple[str, ...], JsonValue]] = [((), value)]
    while stack and limit > 0:
        path, item = stack.pop()
        if isinstance(item, list):
            stack.extend((path, part) for part in reversed(item[:limit]))
        elif isinstance(item, dict):
            fields = list(item.items())[:_MOST_FIELDS]
            stack.extend(
                ((*path, key), part) for key, part in fields if isinstance(part, dict | list)
            )
            limit -= 1
            yield tuple(Leaf((*path, key), part) for key, part in fields if isinstance(part, str))


def _told(record: tuple[Leaf, ...], call: Call, bot: Speech, spoken: Spoken) -> Iterator[Told]:
    where: dict[int, list[Leaf]] = {}
    for leaf in record:
        for turn in _turns(str(leaf.value), bot, spoken):
            if turn > call.index:
                where.setdefault(turn, []).append(leaf)
    for turn, told in where.items():
        if len({value_key(leaf.value) for leaf in told}) >= _ENOUGH:
            yield from (Told(leaf, turn, call.index) for leaf in told)


def _turns(value: str, bot: Speech, spoken: Spoken) -> Iterator[int]:
    if dates := readings(value) if spoken and len(value) <= _DATE else ():
        meant = {date.day_of_year for date in dates}
        yield from (turn for turn, named in spoken.items() if named & meant)
    elif len(value_key(value)) >= _SHORTEST and bot.knows(parts := words(value)):
        yield from bot.every_turn_with(f" {' '.join(parts)} ")


def _days_spoken(reading: Reading) -> Spoken:
    spoken: dict[int, frozenset[Day]] = {}
    for mention in reading.mentions:
        if mention.found.kind is Kind.DATE and mention.role in (Role.BOT, Role.HUMAN):
            named = days(mention.found.text)
            spoken[mention.turn] = spoken.get(mention.turn, frozenset()) | named
    return spoken

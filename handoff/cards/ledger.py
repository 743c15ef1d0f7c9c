"""Collect every value a conversation mentions, by name, and turn what was collected into claims."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from pydantic import JsonValue

from handoff.cards.names import readable
from handoff.cards.secrets import masked
from handoff.domain.card import Claim, Status
from handoff.domain.extracts import value_key

CITED = 6
"""Turns a claim cites at most: the first and the latest of each kind are enough to check it."""


class Source(Enum):
    """Where a mention of a value comes from."""

    SAID = auto()
    """The customer's words or slots."""
    USED = auto()
    """An argument of a call."""
    TOLD = auto()
    """The bot's words."""
    LOOKED = auto()
    """The customer's words, which do not say what it is."""
    RETURNED = auto()
    """A successful result, or the system."""


@dataclass(slots=True)
class Entry:
    """One value of one name, with the turns that mention it by source."""

    name: str
    value: JsonValue
    key: str
    first: int
    turns: dict[Source, list[int]] = field(default_factory=dict)
    alternatives: tuple[JsonValue, ...] = ()
    superseded: bool = False
    written: bool = False
    """A change that did not fail used it."""
    refused: bool = False
    """A tool was called with it and did not take it."""

    def add(self, source: Source, *turns: int) -> None:
        """Note further turns that mention the value."""
        self.turns.setdefault(source, []).extend(turns)

    @property
    def status(self) -> Status:
        """Return how the value is known."""
        if Source.RETURNED in self.turns:
            return Status.VERIFIED
        return Status.STATED if Source.SAID in self.turns else Status.INFERRED

    def cited(self) -> tuple[int, ...]:
        """Return the turns to cite, those that carry the status first among equals."""
        every = {turn for turns in self.turns.values() for turn in turns}
        if len(every) <= CITED:
            return tuple(sorted(every))
        chosen: set[int] = set()
        for source in (Source.RETURNED, Source.SAID, Source.USED, Source.LOOKED, Source.TOLD):
            turns = self.turns.get(source, [])
            for turn in (*turns[:1], *turns[-1:]):
                if len(chosen) < CITED:
                    chosen.add(turn)
        return tuple(sorted(chosen))

    def claim(self) -> Claim:
        """Return the entry as a claim, its value masked where its name says so."""
        return Claim(
            name=readable(self.name),
            value=masked(self.name, self.value),
            status=self.status,
            turns=self.cited(),
            alternatives=tuple(masked(self.name, other) for other in self.alternatives),
            superseded=self.superseded,
            refused=self.refused,
        )


class Ledger:
    """Entries by name and value, in order of first mention."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: dict[tuple[str, str], Entry] = {}
        self._by_value: dict[str, list[Entry]] = {}

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the entries in order of first mention."""
        return iter(self._entries.values())

    def note(self, name: str, value: JsonValue, source: Source, *turns: int) -> Entry | None:
        """Note a value under a name; None for a value without letters or digits."""
        key = value_key(value)
        if not key or not turns:
            return None
        place = (readable(name).casefold(), key)
        entry = self._entries.get(place)
        if entry is None:
            entry = self._entries[place] = Entry(name, value, key, turns[0])
            self._by_value.setdefault(key, []).append(entry)
        entry.add(source, *turns)
        return entry

    def with_value(self, key: str) -> Iterable[Entry]:
        """Return the entries of this value key, under whatever name."""
        return self._by_value.get(key, ())

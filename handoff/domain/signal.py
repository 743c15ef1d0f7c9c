"""What a signal is: a name, its settings, and a pure function from turns to evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from handoff.domain.decision import Evidence
from handoff.domain.text import TurnView

Memory = Mapping[str, JsonValue]
"""What a signal remembers between turns: plain JSON, small, replaced and never changed."""

EMPTY: Final[tuple[JsonValue, ...]] = (None, "", [], {})
"""Slot values that say nothing."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One number a policy may set, with its default, its range and what it means."""

    default: float
    low: float
    high: float
    explains: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of names a policy may set, with its default and what it means."""

    default: tuple[str, ...]
    explains: str


class Settings(dict[str, float]):
    """The numbers a signal works with, by name; `lists` has its lists of names."""

    def __init__(
        self, numbers: Mapping[str, float], lists: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        """Keep both."""
        super().__init__(numbers)
        self.lists: Mapping[str, tuple[str, ...]] = lists or {}


Observe = Callable[[Memory, TurnView, Settings], tuple[Memory, Evidence | None]]


@dataclass(frozen=True, slots=True)
class Signal:
    """One kind of evidence that the bot is stuck or must stop.

    `observe(memory, view, settings)` returns the new memory, and evidence if the signal fired on
    this turn. `reason` is the reason code of an escalation that rests on it first; `fails` tells
    when it says something wrong, or nothing though it should.
    """

    name: str
    reason: str
    explains: str
    fails: str
    settings: Mapping[str, Setting]
    observe: Observe
    lists: Mapping[str, Listing] = field(default_factory=dict)

    def told(self, **said: JsonValue) -> Settings:
        """Return the settings of a checked policy: what it `said`, and the defaults."""
        numbers = {
            name: float(value)
            if isinstance(value := said.get(name), int | float)
            else known.default
            for name, known in self.settings.items()
        }
        lists = {
            name: _texts(value) if isinstance(value := said.get(name), list) else known.default
            for name, known in self.lists.items()
        }
        return Settings(numbers, lists)


def _texts(values: list[JsonValue]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str))


def counted(memory: Memory, key: str) -> int:
    """Return the whole number remembered under `key`, else 0."""
    value = memory.get(key)
    return value if isinstance(value, int) else 0


def remembered(memory: Memory, key: str) -> list[JsonValue]:
    """Return a copy of the list remembered under `key`, else an empty one."""
    value = memory.get(key)
    return list(value) if isinstance(value, list) else []


def indices(values: JsonValue) -> tuple[int, ...]:
    """Return the turn indices in a remembered list."""
    if not isinstance(values, list):
        return ()
    return tuple(value for value in values if isinstance(value, int))


def recent(memory: Memory, key: str, index: int, span: int) -> list[int]:
    """Return the turn indices remembered under `key` that lie less than `span` turns back."""
    return [turn for turn in indices(memory.get(key)) if index - turn < span]


def grown(times: float, share: float = 0.6) -> float:
    """Return a strength that nears 1 as something happens again: 1 − share^times, 0 for none."""
    return 1.0 - float(share ** max(times, 0.0))

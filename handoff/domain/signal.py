"""What a signal is: a name, its settings, and a pure function from turns to evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from handoff.domain.decision import Evidence
from handoff.domain.text import TurnView

Memory = Mapping[str, JsonValue]
"""What a signal remembers between turns: plain JSON, small, replaced and never changed."""

Settings = Mapping[str, float]

EMPTY: Final[tuple[JsonValue, ...]] = (None, "", [], {})
"""Slot values that say nothing."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One number a policy may set, with its default, its range and what it means."""

    default: float
    low: float
    high: float
    explains: str


Observe = Callable[[Memory, TurnView, Settings], tuple[Memory, Evidence | None]]


@dataclass(frozen=True, slots=True)
class Signal:
    """One kind of evidence that the bot is stuck or must stop.

    `observe(memory, view, settings)` returns the new memory, and evidence if the signal fired on
    this turn. `reason` is the reason code of an escalation that rests on it first.
    """

    name: str
    reason: str
    explains: str
    settings: Mapping[str, Setting]
    observe: Observe

    def defaults(self) -> dict[str, float]:
        """Return the settings as a policy that says nothing has them."""
        return {name: setting.default for name, setting in self.settings.items()}


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


def grown(times: int, share: float = 0.6) -> float:
    """Return a strength that nears 1 as something happens again: 1 − share^times, 0 for none."""
    return 1.0 - share ** max(times, 0)

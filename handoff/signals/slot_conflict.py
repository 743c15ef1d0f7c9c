"""A value that was given changes back and forth."""

import zlib
from typing import Final

from pydantic import JsonValue

from handoff.domain.decision import Evidence
from handoff.domain.signal import EMPTY, Memory, Setting, Settings, Signal, grown, indices
from handoff.domain.text import TurnView, excerpt
from handoff.domain.turn import Role

NAME: Final = "slot_conflict"
SLOTS: Final = 3
CITED: Final = 4
LOOKED_AT: Final = 16


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once one value changed `threshold` times; back to an old one counts double.

    One change is a correction. Only sums of the values are remembered, never the values.
    """
    turn = view.turn
    if not turn.slots or turn.secure_capture or view.role is Role.HUMAN:
        return memory, None
    kept = dict(memory)
    worst: tuple[int, str, tuple[int, ...]] = (0, "", ())
    for name, value in [*turn.slots.items()][:LOOKED_AT]:
        before = view.known.slots.get(excerpt(name, 80))
        if not _differ(before, value):
            continue
        key = excerpt(name, 40)
        sums, turns = _pair(kept.pop(key, None))
        earlier, cited = sums or (_sum(before),), (*turns, view.index)[-CITED:]
        new = _sum(value)
        times = len(cited) + (1 if new in earlier else 0)
        kept[key] = [[*(*earlier, new)[-CITED:]], [*cited]]
        worst = max(worst, (times, key, cited))
    bounded: Memory = {name: kept[name] for name in [*kept][-SLOTS:]}
    times, name, cited = worst
    if times < settings["threshold"]:
        return bounded, None
    strength = grown(times - settings["threshold"] + 1)
    return bounded, Evidence(NAME, strength, name, settings["threshold"], cited)


def _pair(known: JsonValue) -> tuple[tuple[int, ...], tuple[int, ...]]:
    match known:
        case [sums, turns]:
            return indices(sums), indices(turns)
        case _:
            return (), ()


def _differ(before: JsonValue, value: JsonValue) -> bool:
    if before in EMPTY or value in EMPTY:
        return False
    return _plain(before) != _plain(value)


def _plain(value: JsonValue) -> str:
    text = value if isinstance(value, str) else str(value)
    return excerpt(text, 160).casefold()


def _sum(value: JsonValue) -> int:
    return zlib.crc32(_plain(value).encode("utf-8", "replace"))


SIGNAL: Final = Signal(
    name=NAME,
    reason="missing_information",
    explains="A value that was given changes a second time, or goes back to what it was.",
    fails=(
        "Takes browsing (another date, another town) for a conflict; misses one that is only "
        "spoken of and never reported as a slot."
    ),
    settings={
        "threshold": Setting(2, 1, CITED, "changes before it fires; going back counts double"),
        "weight": Setting(1.0, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

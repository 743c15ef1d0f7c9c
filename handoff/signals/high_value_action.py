"""The bot is about to make, or has made, a change worth more than it may decide on."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from pydantic import JsonValue

from handoff.domain.decision import Evidence
from handoff.domain.effects import effect_of
from handoff.domain.signal import Listing, Memory, Setting, Settings, Signal
from handoff.domain.text import TurnView, in_words
from handoff.domain.turn import Effect

NAME: Final = "high_value_action"
LOOKED_AT: Final = 64
"""Arguments that are looked at, nested ones among them."""


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return full strength for a change over `limit` not yet made, `done` for one that was.

    A call that failed changed nothing.
    """
    call = view.turn.tool_call
    if call is None or call.ok is False or not call.arguments:
        return memory, None
    names = settings.lists.get("amounts", ())
    largest = max(islice(_amounts(call.arguments.items(), names), LOOKED_AT), default=0.0)
    if largest <= settings["limit"] or effect_of(call) is not Effect.WRITE:
        return memory, None
    strength = 1.0 if call.ok is None else settings["done"]
    if strength < settings["threshold"]:
        return memory, None
    value = round(largest, 2)
    return memory, Evidence(NAME, strength, value, settings["limit"], (view.index,))


def _amounts(
    arguments: Iterable[tuple[str, JsonValue]], names: tuple[str, ...], depth: int = 2
) -> Iterator[float]:
    for name, value in islice(arguments, LOOKED_AT):
        if isinstance(value, list | dict) and depth:
            parts = value if isinstance(value, list) else [value]
            for part in parts[:LOOKED_AT]:
                if isinstance(part, dict):
                    yield from _amounts(part.items(), names, depth - 1)
        elif any(word in names for word in in_words(name).split()):
            yield _number(value)


def _number(value: JsonValue) -> float:
    """Return the amount in a value: 1200, "1,200.00", "$1200", else 0."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < 1e15 else 1e15
    if not isinstance(value, str):
        return 0.0
    plain = value[:40].strip("$€£¥ ").replace(",", "").replace(" ", "")
    try:
        return min(float(plain), 1e15) if plain[:1].isdigit() and plain.isascii() else 0.0
    except ValueError:
        return 0.0


SIGNAL: Final = Signal(
    name=NAME,
    reason="high_value_action",
    explains=(
        "A tool call that changes something has an amount over 1,000: full strength while its "
        "outcome is not known, 0.5 once it was done."
    ),
    fails=(
        "Knows no currencies: 1,000 yen are as much as 1,000 euros; misses amounts under a name "
        "that is not listed, and tools whose name does not tell that they change something."
    ),
    settings={
        "threshold": Setting(0.3, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(0.6, 0.0, 20.0, "how much it moves the score"),
        "limit": Setting(1000, 0.0, 1e12, "amount that the bot may decide on by itself"),
        "done": Setting(0.5, 0.0, 1.0, "strength once the change was made"),
    },
    lists={
        "amounts": Listing(
            ("amount", "total", "price", "sum", "value", "cost", "payment", "refund"),
            "words of arguments' names that hold amounts",
        )
    },
    observe=observe,
)

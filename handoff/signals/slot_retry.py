"""The bot asks again for a value it already asked for, or is given again one it was given."""

from collections.abc import Iterable
from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import EMPTY, Memory, Setting, Settings, Signal, grown, indices
from handoff.domain.text import TurnView, excerpt
from handoff.domain.turn import Role

NAME: Final = "slot_retry"
SLOTS: Final = 6
CITED: Final = 6


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once one value was asked for, or given, `threshold` times.

    What the bot asks for is read from intents like `ask_postcode`; what the customer gives from
    the turn's slots. Asking and giving are counted apart: a question with its answer is one try.
    """
    tried = tuple(_tried(view))
    if not tried:
        return memory, None
    kept: dict[str, tuple[int, ...]] = {name: indices(memory[name]) for name in memory}
    for name in tried:
        kept[name] = (*kept.pop(name, ()), view.index)[-CITED:]
    most = max(tried, key=lambda name: len(kept[name]))
    turns = kept[most]
    bounded: Memory = {name: [*kept[name]] for name in list(kept)[-SLOTS:]}
    if len(turns) < settings["threshold"]:
        return bounded, None
    strength = grown(len(turns) - int(settings["threshold"]) + 1)
    return bounded, Evidence(NAME, strength, most[1:], settings["threshold"], turns)


def _tried(view: TurnView) -> Iterable[str]:
    if view.role is Role.BOT and "asks_slot" in view.intended:
        yield "?" + excerpt(view.intended["asks_slot"], 40)
    elif view.role is Role.CUSTOMER:
        given = [name for name, value in view.turn.slots.items() if value not in EMPTY]
        for name in given[:SLOTS]:
            yield "=" + excerpt(name, 40)


SIGNAL: Final = Signal(
    name=NAME,
    reason="missing_information",
    explains="The bot asks for the same value a third time, or the customer gives it a third time.",
    fails=(
        "Counts a value that is given again because the customer changed their mind; "
        "blind without `ask_…` intents and slots."
    ),
    settings={
        "threshold": Setting(3, 2, CITED, "times the value must be asked for or given"),
        "weight": Setting(2.2, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

"""The bot's answers are longer than anybody listens to: what it deals with is not simple."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "long_answers"


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence for a bot turn over `threshold` characters, full strength at the double.

    Lists of options and conditions come where a case has many; they are where bots go wrong
    without noticing, and they are judged by what was heard.
    """
    size = len(view.turn.audible)
    threshold = settings["threshold"]
    if view.role is not Role.BOT or size <= threshold:
        return memory, None
    strength = min(1.0, size / threshold - 1.0)
    return memory, Evidence(NAME, strength, size, threshold, (view.index,))


SIGNAL: Final = Signal(
    name=NAME,
    reason="bot_stuck",
    explains=(
        "A bot turn is longer than 350 characters (25 seconds of speech); 700 are full strength. "
        "A hint that the case is not simple, never enough by itself."
    ),
    fails=(
        "Blames a bot that is asked for a list or reads out terms it must read out; scripts "
        "without letters say more in fewer characters."
    ),
    settings={
        "threshold": Setting(350, 20, 20_000, "characters of a bot turn"),
        "weight": Setting(2.6, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

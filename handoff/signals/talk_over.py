"""The customer keeps breaking in on the bot."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, remembered
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "talk_over"
WINDOW: Final = 6
HEARD: Final = 0.9
"""Share of a text from which it counts as heard to the end."""


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once `threshold` of the bot's last six turns were cut short."""
    turn = view.turn
    if view.role is not Role.BOT or not turn.text or turn.heard is None:
        return memory, None
    cut = len(turn.heard) < HEARD * len(turn.text)
    marks = [*remembered(memory, "turns"), view.index if cut else None][-WINDOW:]
    turns = tuple(mark for mark in marks if isinstance(mark, int))
    kept: Memory = {"turns": marks} if turns else {}
    if not cut or len(turns) < settings["threshold"]:
        return kept, None
    strength = grown(len(turns) - settings["threshold"] + 1)
    return kept, Evidence(NAME, strength, len(turns), settings["threshold"], turns)


SIGNAL: Final = Signal(
    name=NAME,
    reason="bot_stuck",
    explains="Three of the bot's last six turns were broken off by the customer.",
    fails=(
        "Takes a regular who knows the menu for one who is impatient, and noise for speech; blind "
        "where the runtime does not send `heard`."
    ),
    settings={
        "threshold": Setting(3, 1, WINDOW, "broken-off turns among the last six"),
        "weight": Setting(0.8, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

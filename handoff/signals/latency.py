"""The bot is slow, as the customer perceives it."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, remembered
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "latency"
WINDOW: Final = 6


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once `run` of the last six measured turns were over `threshold`."""
    took = view.turn.latency_ms
    if took is None or view.role is Role.HUMAN:
        return memory, None
    slow = took > settings["threshold"]
    marks = [*remembered(memory, "turns"), view.index if slow else None][-WINDOW:]
    turns = tuple(mark for mark in marks if isinstance(mark, int))
    kept: Memory = {"turns": marks} if turns else {}
    if not slow or len(turns) < settings["run"]:
        return kept, None
    strength = grown(len(turns) - settings["run"] + 1)
    return kept, Evidence(NAME, strength, round(took), settings["threshold"], turns)


SIGNAL: Final = Signal(
    name=NAME,
    reason="technical_system_error",
    explains="Two of the last six turns took longer than 4,000 ms until the customer heard them.",
    fails=(
        "Blames a bot that said it would take a moment; blind where the runtime does not send "
        "`latency_ms`."
    ),
    settings={
        "threshold": Setting(4000, 100, 120_000, "milliseconds that a turn may take"),
        "weight": Setting(0.6, 0.0, 20.0, "how much it moves the score"),
        "run": Setting(2, 1, WINDOW, "slow turns among the last six before it fires"),
    },
    observe=observe,
)

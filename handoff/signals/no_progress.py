"""The customer keeps talking and nothing is filled, fetched or finished."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, counted
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "no_progress"


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence from the `threshold`-th customer turn since the last progress.

    Progress is a newly filled slot or a tool call that worked, so a runtime that has reported
    neither slots nor tools is not judged.
    """
    if view.turn.slots or view.turn.tool_call is not None:
        memory = {**memory, "seen": 1}
    if view.progress:
        return {"seen": 1}, None
    if view.role is not Role.CUSTOMER:
        return memory, None
    turns = counted(memory, "turns") + 1
    since = memory.get("since")
    kept: Memory = {
        **memory,
        "turns": turns,
        "since": since if isinstance(since, int) else view.index,
    }
    if not counted(memory, "seen") or turns < settings["threshold"]:
        return kept, None
    over = turns - settings["threshold"] + 1
    return kept, Evidence(
        NAME, over / (over + 4), turns, settings["threshold"], (counted(kept, "since"), view.index)
    )


SIGNAL: Final = Signal(
    name=NAME,
    reason="bot_stuck",
    explains="Six customer turns in a row bring no new value, no successful tool call.",
    fails=(
        "Blames long advice that needs no slots once a slot was seen; a tool call that "
        "works and helps nobody counts as progress."
    ),
    settings={
        "threshold": Setting(6, 2, 100, "customer turns without progress before it fires"),
        "weight": Setting(2.0, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

"""The customer jumps from one goal to another and none is finished."""

from typing import Final

from pydantic import JsonValue

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices
from handoff.domain.text import TurnView, excerpt
from handoff.domain.turn import Role

NAME: Final = "goal_switch"
CITED: Final = 6


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once the goal changed `threshold` times without progress between.

    Everyday acts ("confirm", "inform") are no goals.
    """
    if view.progress:
        memory = {key: memory[key] for key in memory if key == "goal"}
    if view.role is not Role.CUSTOMER or not view.intent or "everyday" in view.intended:
        return memory, None
    goal = excerpt(view.intent, 40)
    before: JsonValue = memory.get("goal")
    if before is None or before == goal:
        return {**memory, "goal": goal}, None
    turns = (*indices(memory.get("turns")), view.index)[-CITED:]
    kept: Memory = {"goal": goal, "turns": [*turns]}
    if len(turns) < settings["threshold"]:
        return kept, None
    strength = grown(len(turns) - settings["threshold"] + 1)
    return kept, Evidence(NAME, strength, len(turns), settings["threshold"], turns)


SIGNAL: Final = Signal(
    name=NAME,
    reason="bot_stuck",
    explains="The customer's intent changes a third time with no progress in between.",
    fails=(
        "Takes fine-grained intents of one errand for many goals; blind where the runtime has no "
        "intents."
    ),
    settings={
        "threshold": Setting(3, 2, CITED, "changes without progress before it fires"),
        "weight": Setting(0.8, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

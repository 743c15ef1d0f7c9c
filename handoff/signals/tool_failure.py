"""A tool fails, one call after another."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices
from handoff.domain.text import TurnView, excerpt

NAME: Final = "tool_failure"
TOOLS: Final = 4
CITED: Final = 8


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once a tool failed `threshold` times in a row; its own success forgives it.

    Tools are counted apart: a lookup that works does not mend the booking that does not.
    """
    call = view.turn.tool_call
    if call is None or call.ok is None:
        return memory, None
    name = excerpt(call.name, 40)
    others: Memory = {tool: memory[tool] for tool in [*memory][-TOOLS:] if tool != name}
    if call.ok:
        return others, None
    turns = [*indices(memory.get(name)), view.index][-CITED:]
    kept: Memory = {**others, name: [*turns]}
    if len(turns) < settings["threshold"]:
        return kept, None
    strength = grown(len(turns), share=0.5)
    return kept, Evidence(NAME, strength, len(turns), settings["threshold"], tuple(turns))


SIGNAL: Final = Signal(
    name=NAME,
    reason="tool_failed",
    explains="One tool fails in a row: strength 0.5 after one, 0.75 after two, 0.875 after three.",
    fails=(
        "Counts a lookup that found nothing as a failure where the runtime reports it so; "
        "blind if `ok` is never told."
    ),
    settings={
        "threshold": Setting(1, 1, CITED, "failures in a row before it fires"),
        "weight": Setting(2.4, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

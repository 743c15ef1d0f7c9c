"""The bot itself asks for a person, by calling a transfer tool or by saying so."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "bot_request"
TOOLS: Final = frozenset(
    {
        "transfer_to_human",
        "transfer_to_human_agent",
        "transfer_to_human_agents",
        "transfer_to_agent",
        "transfer_call",
        "escalate",
        "escalate_to_human",
        "handoff_to_human",
        "human_handoff",
        "request_human",
    }
)
"""Names that agent runtimes give the tool; compared in lower case, `-` read as `_`."""


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return full strength when a transfer tool is called, `words` when the bot speaks of a person.

    Whether the call worked is no matter: the bot has said that it cannot go on. Asking the
    customer whether they want a person is not yet wanting one.
    """
    call = view.turn.tool_call
    if call is not None and call.name.casefold().replace("-", "_") in TOOLS:
        return memory, _evidence(call.name[:80], 1.0, view.index, settings)
    if view.role is not Role.BOT or "offers_person" in view.said:
        return memory, None
    words = view.said.get("names_person")
    return memory, _evidence(words, settings["words"], view.index, settings) if words else None


def _evidence(value: str, strength: float, index: int, settings: Settings) -> Evidence | None:
    if strength < settings["threshold"]:
        return None
    return Evidence(NAME, strength, value, settings["threshold"], (index,))


SIGNAL: Final = Signal(
    name=NAME,
    reason="bot_requested",
    explains=(
        "The bot calls a tool named `transfer_to_human`, `escalate` or the like (full strength), "
        "or says that a person is needed."
    ),
    fails=(
        "Takes a tool of one of these names for a request even if it transfers money or "
        "files; misses runtimes with a name of their own."
    ),
    settings={
        "threshold": Setting(0.3, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(3.0, 0.0, 20.0, "how much it moves the score"),
        "words": Setting(0.5, 0.0, 1.0, "strength of saying so without calling the tool"),
    },
    observe=observe,
)

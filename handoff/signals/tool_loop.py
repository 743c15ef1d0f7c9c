"""The bot makes the same call again and gets the same failure."""

import hashlib
import json
from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices
from handoff.domain.text import TurnView, excerpt
from handoff.domain.turn import ToolCall

NAME: Final = "tool_loop"
CALLS: Final = 3
CITED: Final = 4


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence once one call failed `threshold` times alike; its tool's success forgives.

    A call that fails with other arguments is a new try and left to `tool_failure`.
    """
    call = view.turn.tool_call
    if call is None or call.ok is None:
        return memory, None
    name = excerpt(call.name, 40)
    if call.ok:
        return {key: memory[key] for key in memory if not key.startswith(f"{name} ")}, None
    key = f"{name} {_mark(call)}"
    turns = (*indices(memory.get(key)), view.index)[-CITED:]
    others = [other for other in memory if other != key][1 - CALLS :]
    kept: Memory = {**{other: memory[other] for other in others}, key: [*turns]}
    if len(turns) < settings["threshold"]:
        return kept, None
    strength = grown(len(turns) - settings["threshold"] + 1)
    return kept, Evidence(NAME, strength, name, settings["threshold"], turns)


def _mark(call: ToolCall) -> str:
    """Return a short text that two calls share only if arguments and result are the same."""
    told = json.dumps([call.arguments, call.result], sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=4).hexdigest()


SIGNAL: Final = Signal(
    name=NAME,
    reason="tool_failed",
    explains="The same tool call with the same arguments fails in the same way a second time.",
    fails=(
        "Misses failures that carry a time or a request id, as no two are then the same; a retry "
        "that the runtime makes on purpose counts."
    ),
    settings={
        "threshold": Setting(2, 2, CITED, "times the call must fail alike"),
        "weight": Setting(1.6, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

"""The customer says nothing: silence, empty recognition."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices
from handoff.domain.text import TurnView
from handoff.domain.turn import Input, Role

NAME: Final = "no_input"
CITED: Final = 6
SILENT: Final = frozenset(
    {
        "no input", "noinput", "silence", "timeout", "time out", "no speech", "empty",
        "no response", "user silent", "no input default", "session timeout",
    }
)  # fmt: skip
"""What runtimes call a turn in which nothing came, as words."""


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence after `threshold` silent customer turns in a row.

    A turn without words is silent only where it is known to be speech: elsewhere it may be a key,
    a picture, or a runtime that reports intents alone.
    """
    if view.role is not Role.CUSTOMER:
        return memory, None
    if not _silent(view):
        return {}, None
    turns = (*indices(memory.get("turns")), view.index)[-CITED:]
    kept: Memory = {"turns": [*turns]}
    if len(turns) < settings["threshold"]:
        return kept, None
    strength = grown(len(turns) - settings["threshold"] + 1)
    return kept, Evidence(NAME, strength, len(turns), settings["threshold"], turns)


def _silent(view: TurnView) -> bool:
    if view.intent in SILENT:
        return True
    turn = view.turn
    empty = not view.text and turn.input is Input.SPEECH and not turn.secure_capture
    return empty and not view.intent and not turn.slots


SIGNAL: Final = Signal(
    name=NAME,
    reason="poor_connection",
    explains="Two customer turns in a row are silent: empty speech, or an intent like `no_input`.",
    fails=(
        "Blames a customer who looks for a document in silence; blind where the runtime sends no "
        "turn for silence or does not say that it is speech."
    ),
    settings={
        "threshold": Setting(2, 1, CITED, "silent turns in a row before it fires"),
        "weight": Setting(1.6, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

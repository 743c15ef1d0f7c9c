"""Somebody may be in danger: self-harm, a threat, a medical or safety emergency."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "vulnerable"
KINDS: Final = ("in_danger", "threatens")
INTENTS: Final = frozenset(
    {
        "emergency", "suicide", "suicidal", "self harm", "selfharm", "medical emergency", "danger",
        "crisis", "safeguarding", "vulnerable customer", "domestic violence", "domestic abuse",
    }
)  # fmt: skip


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return full strength at once; nothing is remembered, as nothing has to add up."""
    if view.role is not Role.CUSTOMER:
        return memory, None
    words = next((view.said[kind] for kind in KINDS if kind in view.said), None)
    if words is None and view.intent:
        words = next((name for name in sorted(INTENTS) if f" {name} " in f" {view.intent} "), None)
    if words is None:
        return memory, None
    return memory, Evidence(NAME, 1.0, words, settings["threshold"], (view.index,))


SIGNAL: Final = Signal(
    name=NAME,
    reason="safety_emergency",
    explains=(
        "The customer speaks of self-harm, a threat, a medical or safety emergency: full strength "
        "at once, exempt from every limit."
    ),
    fails=(
        "Takes a figure of speech or a question about emergencies for one where the packs do not "
        "know it; misses hints that never name the danger."
    ),
    settings={
        "threshold": Setting(0.5, 0.0, 1.0, "strength it is compared with; it is always 1"),
        "weight": Setting(6.0, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

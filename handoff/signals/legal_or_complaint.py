"""The customer makes a complaint, or speaks of lawyers, courts or regulators."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, recent
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "legal_or_complaint"
SPAN: Final = 40
CITED: Final = 4
FORMAL: Final = frozenset(
    {
        "formal", "formally", "official", "officially", "regulator", "ombudsman", "formelle",
        "formell", "formellen", "formale", "formalna", "oficial", "oficialna", "officielle",
        "offizielle",
    }
)  # fmt: skip
"""Words that make a complaint one that must be taken down as such."""
_INTENTS: Final = {
    "legal": 1.0, "lawsuit": 1.0, "lawyer": 1.0, "attorney": 1.0, "solicitor": 1.0,
    "ombudsman": 1.0, "regulator": 1.0, "complaint": 0.6, "complaints": 0.6, "complain": 0.6,
}  # fmt: skip


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return full strength for legal words or a formal complaint, `complaint` for another one.

    Complaining for a second time is as good as formal.
    """
    if view.role is not Role.CUSTOMER or not (view.said or view.intent):
        return memory, None
    value, strength = _heard(view, settings)
    if strength < settings["threshold"]:
        return memory, None
    earlier = recent(memory, "turns", view.index, SPAN)
    turns = (*earlier, view.index)[-CITED:]
    if earlier:
        strength = 1.0
    kept: Memory = {"turns": [*turns]}
    return kept, Evidence(NAME, strength, value, settings["threshold"], turns)


def _heard(view: TurnView, settings: Settings) -> tuple[str, float]:
    formal = not FORMAL.isdisjoint(view.words)
    if "legal" in view.said and (formal or "complains" not in view.said):
        return view.said["legal"], 1.0
    if "complains" in view.said:
        return view.said["complains"], 1.0 if formal else settings["complaint"]
    named = max(view.intent.split(), key=lambda word: _INTENTS.get(word, 0.0), default="")
    return named, _INTENTS.get(named, 0.0)


SIGNAL: Final = Signal(
    name=NAME,
    reason="formal_complaint",
    explains=(
        "The customer speaks of legal steps, regulators or a formal complaint (full strength), or "
        "complains (0.6; a second time within 40 turns full strength)."
    ),
    fails=(
        "Takes a question about the complaints procedure or about legal documents for a "
        "complaint; misses a grievance that never uses the word."
    ),
    settings={
        "threshold": Setting(0.3, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(2.0, 0.0, 20.0, "how much it moves the score"),
        "complaint": Setting(0.6, 0.0, 1.0, "strength of a complaint that is not formal"),
    },
    observe=observe,
)

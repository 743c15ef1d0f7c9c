"""The customer corrects the bot: "no, that is not what I asked", "I already told you"."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, recent
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "misunderstood"
SPAN: Final = 20
CITED: Final = 4


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence for a correction, stronger with each within the last twenty turns.

    Asking the bot to say something again counts half: the line may be bad.
    """
    if view.role is not Role.CUSTOMER or not view.said:
        return memory, None
    key = next((kind for kind in ("corrects", "asks_again") if kind in view.said), None)
    if key is None:
        return memory, None
    corrected = recent(memory, "corrects", view.index, SPAN)
    asked = recent(memory, "asks_again", view.index, SPAN)
    (corrected if key == "corrects" else asked).append(view.index)
    kept: Memory = {"corrects": [*corrected[-CITED:]], "asks_again": [*asked[-CITED:]]}
    strength = grown(len(corrected[-CITED:]) + len(asked[-CITED:]) / 2, share=0.55)
    if strength < settings["threshold"]:
        return kept, None
    turns = tuple(sorted((*corrected[-CITED:], *asked[-CITED:])))
    return kept, Evidence(NAME, strength, view.said[key], settings["threshold"], turns)


SIGNAL: Final = Signal(
    name=NAME,
    reason="not_understood",
    explains=(
        "The customer corrects the bot (0.45 once, 0.7 twice within 20 turns); asking it to "
        "repeat counts half."
    ),
    fails=(
        "Takes a customer who corrects themselves for one who corrects the bot; misses those who "
        "just say it again (`repeat_request` sees them)."
    ),
    settings={
        "threshold": Setting(0.4, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(2.0, 0.0, 20.0, "how much it moves the score"),
    },
    observe=observe,
)

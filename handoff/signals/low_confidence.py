"""The runtime is unsure what the customer said or meant, several turns running."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices, remembered
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "low_confidence"
CITED: Final = 6
SMOOTHING: Final = 0.4
"""Share of the newest turn in the smoothed confidence."""


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence after `run` unsure turns in a row, or when the smoothed confidence is low.

    A turn's confidence is the lower of the intent's and the recogniser's.
    """
    told = (view.turn.confidence, view.turn.recognition_confidence)
    given = [value for value in told if value is not None]
    if view.role is not Role.CUSTOMER or not given:
        return memory, None
    threshold = settings["threshold"]
    confidence = min(given)
    before = memory.get("mean")
    mean = confidence
    if isinstance(before, int | float):
        mean = before + SMOOTHING * (confidence - before)
    low = [*remembered(memory, "low"), view.index][-CITED:] if confidence < threshold else []
    kept: Memory = {"mean": round(mean, 4), "low": low}
    if not low or (len(low) < settings["run"] and (before is None or mean >= threshold)):
        return kept, None
    strength = max(grown(len(low)), 1.0 - mean / threshold)
    return kept, Evidence(NAME, strength, round(mean, 4), threshold, indices(low))


SIGNAL: Final = Signal(
    name=NAME,
    reason="not_understood",
    explains="Intent or recogniser confidence is low twice in a row, or low when smoothed.",
    fails=(
        "Follows the runtime's own confidence: a badly calibrated one makes it fire "
        "always or never."
    ),
    settings={
        "threshold": Setting(0.4, 0.01, 1.0, "confidence below which a turn is unsure"),
        "weight": Setting(2.4, 0.0, 20.0, "how much it moves the score"),
        "run": Setting(2, 1, CITED, "unsure turns in a row before it fires"),
    },
    observe=observe,
)

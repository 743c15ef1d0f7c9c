"""The recogniser is unsure what was said, or its hypotheses disagree."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, grown, indices
from handoff.domain.text import TurnView, normalise
from handoff.domain.turn import Role

NAME: Final = "recognition"
CITED: Final = 6
COMPARED: Final = 3
READ: Final = 160
SMOOTHING: Final = 0.4


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence after `run` badly recognised turns in a row, or when the smoothed is bad.

    How well a turn was recognised is the lower of the recogniser's confidence and of how much its
    best hypotheses agree.
    """
    if view.role is not Role.CUSTOMER:
        return memory, None
    quality = _quality(view)
    if quality is None:
        return memory, None
    threshold = settings["threshold"]
    before = memory.get("mean")
    mean = quality
    if isinstance(before, int | float):
        mean = before + SMOOTHING * (quality - before)
    bad = quality < threshold
    low = (*indices(memory.get("low")), view.index)[-CITED:] if bad else ()
    kept: Memory = {"mean": round(mean, 3), "low": [*low]}
    if not low or (len(low) < settings["run"] and (before is None or mean >= threshold)):
        return kept, None
    return kept, Evidence(NAME, grown(len(low), 0.75), round(quality, 3), threshold, low)


def _quality(view: TurnView) -> float | None:
    agreed = _agreement(view.turn.nbest) if len(view.turn.nbest) > 1 else None
    told = [value for value in (view.turn.recognition_confidence, agreed) if value is not None]
    return min(told, default=None)


def _agreement(nbest: tuple[str, ...]) -> float:
    """Return the share of words that the best hypotheses have in common with the very best."""
    best, *others = (frozenset(normalise(text[:READ]).split()) for text in nbest[:COMPARED])
    shares = [len(best & other) / max(len(best | other), 1) for other in others]
    return sum(shares) / len(shares)


SIGNAL: Final = Signal(
    name=NAME,
    reason="poor_connection",
    explains=(
        "Recogniser confidence, or what its best hypotheses share, is below 0.35 three times in a "
        "row, or smoothed."
    ),
    fails=(
        "Takes codes and names that are spelt out for a bad line: every hypothesis differs there; "
        "blind without `recognition_confidence` and `nbest`."
    ),
    settings={
        "threshold": Setting(0.35, 0.01, 1.0, "quality below which a turn is badly recognised"),
        "weight": Setting(1.0, 0.0, 20.0, "how much it moves the score"),
        "run": Setting(3, 1, CITED, "badly recognised turns in a row before it fires"),
    },
    observe=observe,
)

"""The stuck score: signals add up, fade with time and with progress, and read as a probability."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from handoff.detection.document import Score
from handoff.domain.decision import Evidence

FAINT: Final = 0.02
"""Levels below it are forgotten."""
KEPT: Final = 10
"""Levels that are kept between turns, the strongest ones."""

Levels = Mapping[str, Evidence]
"""Signal → its last evidence, with the level that is left of it as strength."""


def faded(levels: Levels, score: Score, *, spoke: bool, progress: bool) -> dict[str, Evidence]:
    """Return what is left of `levels` on a new turn: less after customer turns and progress."""
    factor = (score.decay if spoke else 1.0) * (score.relief if progress else 1.0)
    if factor == 1.0:
        return dict(levels)
    return {
        name: _with_strength(level, level.strength * factor)
        for name, level in levels.items()
        if level.strength * factor >= FAINT
    }


def raised(levels: dict[str, Evidence], fired: Iterable[Evidence]) -> dict[str, Evidence]:
    """Return `levels` with what fired now, where it is stronger than what was left."""
    for evidence in fired:
        known = levels.get(evidence.signal)
        if known is None or evidence.strength >= known.strength:
            levels[evidence.signal] = evidence
    return levels


def stuck(levels: Levels, weights: Mapping[str, float], bias: float) -> float:
    """Return the score, 0 to 1: logistic in the bias and the weighted levels."""
    total = bias + sum(weights.get(name, 0.0) * level.strength for name, level in levels.items())
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


def packed(levels: Levels) -> dict[str, JsonValue]:
    """Return the strongest `levels` as plain JSON."""
    names = [*levels]
    if len(names) > KEPT:
        names = sorted(names, key=lambda name: -levels[name].strength)[:KEPT]
    return {
        name: [round(level.strength, 6), level.value, level.threshold, list(level.turns)]
        for name in names
        for level in (levels[name],)
    }


def unpacked(data: JsonValue) -> Iterator[Evidence]:
    """Yield the levels that `packed` made."""
    for name, level in data.items() if isinstance(data, dict) else ():
        match level:
            case [
                int(strength) | float(strength),
                value,
                None | int() | float() as threshold,
                [*turns],
            ]:
                cited = tuple(turn for turn in turns if isinstance(turn, int))
                yield Evidence(name, strength, value, threshold, cited)
            case _:
                continue


def _with_strength(evidence: Evidence, strength: float) -> Evidence:
    return Evidence(evidence.signal, strength, evidence.value, evidence.threshold, evidence.turns)

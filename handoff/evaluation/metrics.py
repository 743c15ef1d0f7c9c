"""Figures that say how good decisions and scores are, each a pure function of plain values."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from handoff.domain.decision import Action

TOLERANCES: Final = (1, 2, 3)
"""Turns of tolerance that GT-T is told for."""

Scored = tuple[float, bool]
"""A score, and whether what it speaks of is truly so."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often yes and no were said rightly and wrongly."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    @property
    def precision(self) -> float | None:
        """Return the share of what was said yes to that is so; None if nothing was."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """Return the share of what is so that was said yes to; None if nothing is so."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """Return the harmonic mean of both; None if nothing is so: then only alarms count."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn) if self.tp + self.fn else None


@dataclass(frozen=True, slots=True)
class Area:
    """The area under the ROC curve, None where only one class is there, and its error."""

    auc: float | None
    se: float | None
    positives: int
    negatives: int


def confusion(pairs: Iterable[tuple[bool, bool]]) -> Confusion:
    """Return the counts over pairs of what was said and what is so."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for said, so in pairs:
        counts[said, so] += 1
    return Confusion(*counts.values())


def area(points: Iterable[Scored]) -> Area:
    """Return the probability that a true one scores higher than another, ties at half.

    The standard error is Hanley and McNeil's (Radiology 143, 1982).
    """
    kept = list(points)
    above = [score for score, so in kept if so]
    below = sorted(score for score, so in kept if not so)
    if not above or not below:
        return Area(None, None, len(above), len(below))
    won = sum(bisect_left(below, score) + bisect_right(below, score) for score in above) / 2
    auc = won / (len(above) * len(below))
    return Area(auc, _standard_error(auc, len(above), len(below)), len(above), len(below))


def _standard_error(auc: float, positives: int, negatives: int) -> float:
    both_above, both_below = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    variance = auc * (1 - auc)
    variance += (positives - 1) * (both_above - auc * auc)
    variance += (negatives - 1) * (both_below - auc * auc)
    return math.sqrt(max(variance / (positives * negatives), 0.0))


def curve(points: Iterable[Scored]) -> list[tuple[float, float]]:
    """Return the ROC curve: false alarm rate and recall at every threshold, from 0,0 to 1,1.

    It is empty where only one class is there.
    """
    kept = sorted(points, reverse=True)
    positives = sum(so for _, so in kept)
    negatives = len(kept) - positives
    if not positives or not negatives:
        return []
    drawn, hits, alarms = [(0.0, 0.0)], 0, 0
    for place, (score, so) in enumerate(kept):
        hits += so
        alarms += not so
        if place + 1 == len(kept) or kept[place + 1][0] != score:
            drawn.append((alarms / negatives, hits / positives))
    return drawn


def alarms(actions: Sequence[Action]) -> int:
    """Return the number of runs of `escalate`: turns in a row are one alarm."""
    before = (Action.CONTINUE, *actions)
    pairs = zip(actions, before, strict=False)
    return sum(now is Action.ESCALATE and last is not Action.ESCALATE for now, last in pairs)


def earliness(actions: Sequence[Action]) -> int | None:
    """Return how many turns before the last one the first `escalate` came; None without one."""
    if Action.ESCALATE not in actions:
        return None
    return len(actions) - 1 - actions.index(Action.ESCALATE)


def golden_transfer(
    predicted: Sequence[int], golden: Sequence[int], tolerance: int, lean: float = 0.0
) -> float:
    """Return Golden Transfer within Tolerance (GT-T) of one conversation, 0 to 1.

    Liu et al., "Time to Transfer: Predicting and Evaluating Machine-Human Chatting Handoff",
    AAAI 2021. With predicted positions p, golden positions q and tolerance T it is the mean over
    every p of `max over q of exp(−(p − q)² / ((1 − λ·sign(p − q)) · 2 · T²))`; 1 if there is
    neither a p nor a q, 0 if only one of them is missing. `lean` is λ, between −1 and 1: above 0
    late ones count less, below 0 early ones. The average over conversations is the figure.
    Raises ValueError for a tolerance or a `lean` outside of that.
    """
    if tolerance < 1 or not -1.0 < lean < 1.0:
        raise ValueError("tolerance is at least 1, and lean between -1 and 1")
    if not predicted or not golden:
        return float(not predicted and not golden)
    return math.fsum(
        max(_nearness(place - truth, tolerance, lean) for truth in golden) for place in predicted
    ) / len(predicted)


def _nearness(distance: int, tolerance: int, lean: float) -> float:
    side = (distance > 0) - (distance < 0)
    return math.exp(-(distance**2) / ((1.0 - lean * side) * 2.0 * tolerance**2))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

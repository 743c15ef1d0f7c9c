"""Bootstrap intervals: how far figures move when the conversations are drawn anew."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from operator import add, mul
from random import Random
from typing import Final

from handoff.evaluation.metrics import Scored

LEVEL: Final = 0.95

Interval = tuple[float, float]
Counts = Sequence[int]
"""A resample: how often each conversation is in it."""
Statistic = Callable[[Counts], float | None]
"""A figure of a resample; None where it has none."""


def intervals(
    statistics: Mapping[str, Statistic], size: int, times: int, rng: Random
) -> dict[str, Interval]:
    """Return the percentile interval of each statistic over `times` resamples of `size` items.

    A statistic without a value in any of them has no interval.
    """
    found: dict[str, list[float]] = {name: [] for name in statistics}
    everyone = range(size)
    for _ in range(times if size else 0):
        counts = [0] * size
        for chosen in rng.choices(everyone, k=size):
            counts[chosen] += 1
        for name, statistic in statistics.items():
            value = statistic(counts)
            if value is not None:
                found[name].append(value)
    return {name: percentiles(values) for name, values in found.items() if values}


def percentiles(values: Sequence[float], level: float = LEVEL) -> Interval:
    """Return the interval that holds the middle `level` of at least one value."""
    ordered = sorted(values)
    rest = (1.0 - level) / 2.0
    return _at(ordered, rest), _at(ordered, 1.0 - rest)


def _at(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def ratio(above: Sequence[float], below: Sequence[float]) -> Statistic:
    """Return the statistic that divides one sum by another, both by conversation."""

    def _ratio(counts: Counts) -> float | None:
        whole = sum(map(mul, counts, below))
        return sum(map(mul, counts, above)) / whole if whole else None

    return _ratio


def area_of(points: Sequence[Sequence[Scored]]) -> Statistic:
    """Return the statistic that is the area under the ROC curve of every conversation's points.

    Scores are ranked once; a resample only sums the weights below each of the true ones.
    """
    flat = [(score, so, owner) for owner, own in enumerate(points) for score, so in own]
    others = sorted((score, owner) for score, so, owner in flat if not so)
    ranked = [score for score, _ in others]
    owners = [owner for _, owner in others]
    true_ones = [(score, owner) for score, so, owner in flat if so]
    lower = [bisect_left(ranked, score) for score, _ in true_ones]
    upper = [bisect_right(ranked, score) for score, _ in true_ones]
    true_owners = [owner for _, owner in true_ones]

    def _area(counts: Counts) -> float | None:
        below: list[int] = [0, *accumulate(map(counts.__getitem__, owners))]
        weights = [counts[owner] for owner in true_owners]
        pairs = sum(weights) * below[-1]
        if not pairs:
            return None
        halves = map(add, map(below.__getitem__, lower), map(below.__getitem__, upper))
        won: int = sum(map(mul, weights, halves))
        return won / (2 * pairs)

    return _area

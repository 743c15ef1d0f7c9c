"""Sums judged cards up: how much of what should be there is, by source and job, with intervals."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import fmean, median
from typing import Final

from pydantic import JsonValue

from handoff.evaluation.cards.judge import CardJudged
from handoff.evaluation.cards.rouge import NAMES
from handoff.evaluation.intervals import Interval, intervals, ratio

MISSES: Final = 10
"""Examples that are kept of what was not found."""
Key = tuple[str, str | None]
"""Source and job; job None has all of a source."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How many of a group's things were needed, and how many each way found."""

    needed: int = 0
    ways: Mapping[str, int] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    misses: tuple[str, ...] = ()

    def share(self, way: str) -> float | None:
        """Return the share that a way found; None where nothing was needed or it never looks."""
        return self.ways[way] / self.needed if self.needed and way in self.ways else None


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is spread over cards."""

    median: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class CardFigures:
    """What can be said of a group's cards."""

    cards: int
    measures: Mapping[str, Measure]
    counts: Mapping[str, int]
    tokens: Spread
    latency_ms: Spread
    prose: int
    """Cards with a narrative."""
    rouge: Mapping[str, float] = field(default_factory=dict)
    """Means over the cards that have a reference."""
    references: int = 0
    bad: tuple[str, ...] = ()

    def record(self) -> dict[str, JsonValue]:
        """Return the figures as JSON."""
        return {
            "cards": self.cards,
            "with_narrative": self.prose,
            "measures": {name: _measure(one) for name, one in self.measures.items()},
            "counts": dict(self.counts),
            "text_tokens": _spread(self.tokens),
            "latency_ms": _spread(self.latency_ms),
            "references": self.references,
            "rouge": {name: round(value, 4) for name, value in self.rouge.items()},
            "unsupported": list(self.bad),
        }


def grouped(judged: Iterable[CardJudged]) -> dict[Key, list[CardJudged]]:
    """Return cards by source and job; a source with one job has no row of its own for it."""
    sources: dict[str, dict[str | None, list[CardJudged]]] = {}
    for one in judged:
        sources.setdefault(one.source, {}).setdefault(one.job or "", []).append(one)
    groups: dict[Key, list[CardJudged]] = {}
    for source, jobs in sources.items():
        groups[source, None] = [one for own in jobs.values() for one in own]
        if len(jobs) > 1:
            groups |= {(source, job): own for job, own in jobs.items()}
    return groups


def card_figures(judged: Sequence[CardJudged], *, times: int, rng: Random) -> CardFigures:
    """Return the figures of at least one card, with intervals from `times` resamples of them."""
    prose = sum(one.prose for one in judged)
    counts: Counter[str] = Counter()
    for one in judged:
        counts.update(one.counts)
    scored = [one.rouge for one in judged if one.rouge]
    return CardFigures(
        cards=len(judged),
        measures=_measures(judged, times, rng, prose=bool(prose)),
        counts={name: count for name, count in sorted(counts.items()) if count},
        tokens=spread([one.tokens for one in judged]),
        latency_ms=spread([one.latency_ms for one in judged]),
        prose=prose,
        rouge={name: fmean(one[name] for one in scored) for name in NAMES} if scored else {},
        references=len(scored),
        bad=tuple(f"{one.conversation_id}: {why}" for one in judged for why in one.bad),
    )


def spread(values: Sequence[float]) -> Spread:
    """Return the median, the 95th percentile by nearest rank, and the largest of the values."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return Spread(median(ordered), ordered[min(last, round(0.95 * last))], ordered[-1])


def _measures(
    judged: Sequence[CardJudged], times: int, rng: Random, *, prose: bool
) -> dict[str, Measure]:
    """Return every group's measure; what a narrative has is told only where there is one."""
    needed: dict[str, list[int]] = {}
    hits: dict[tuple[str, str], list[int]] = {}
    misses: dict[str, list[str]] = {}
    for place, one in enumerate(judged):
        for found in one.found:
            needed.setdefault(found.group, [0] * len(judged))[place] += 1
            for way, hit in found.ways.items():
                if prose or way != "narrative":
                    hits.setdefault((found.group, way), [0] * len(judged))[place] += hit
            missed = [way for way, hit in found.ways.items() if not hit and way != "narrative"]
            examples = misses.setdefault(found.group, [])
            if missed and len(examples) < MISSES:
                what = f"{one.conversation_id} | {found.what} | not in {', '.join(missed)}"
                examples.append(what)
    statistics = {f"{g}\n{w}": ratio(own, needed[g]) for (g, w), own in hits.items()}
    within = intervals(statistics, len(judged), times, rng)
    return {
        group: Measure(
            needed=sum(own),
            ways={way: sum(found) for (g, way), found in hits.items() if g == group},
            intervals={
                name.partition("\n")[2]: interval
                for name, interval in within.items()
                if name.partition("\n")[0] == group
            },
            misses=tuple(misses[group]),
        )
        for group, own in needed.items()
    }


def _measure(measure: Measure) -> dict[str, JsonValue]:
    ways: dict[str, JsonValue] = {}
    for way, found in measure.ways.items():
        told = measure.intervals.get(way)
        ways[way] = {
            "found": found,
            "share": round(found / measure.needed, 4) if measure.needed else None,
            "interval": [round(told[0], 4), round(told[1], 4)] if told else None,
        }
    return {"needed": measure.needed, "ways": ways, "some_missed": list(measure.misses)}


def _spread(told: Spread) -> dict[str, JsonValue]:
    return {"median": round(told.median, 3), "p95": round(told.p95, 3), "max": round(told.most, 3)}

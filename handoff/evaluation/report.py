"""Sums judged conversations up: figures by source and by job, with intervals."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from statistics import median
from typing import Final

from pydantic import JsonValue

from handoff.domain.decision import Action
from handoff.evaluation.intervals import Interval, Statistic, area_of, intervals, ratio
from handoff.evaluation.judge import Judged, Point
from handoff.evaluation.metrics import (
    TOLERANCES,
    Area,
    Confusion,
    alarms,
    area,
    confusion,
    earliness,
    golden_transfer,
)

THRESHOLD: Final = 0.5
SEED: Final = 20_210_518
"""Where the resampling starts, so that the same data gives the same intervals."""
TIMES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What can be said of a group of conversations; None where there is no gold for it."""

    conversations: int
    turns: int
    escalated: int
    offered: int
    alarms: int
    escalate_turns: int
    offer_turns: int
    earliness: float | None
    """Median turns before the end of the first escalation."""
    by_action: Confusion | None = None
    """Positive is `escalate`."""
    with_offers: Confusion | None = None
    """Positive is `escalate` or `offer`."""
    at_threshold: Confusion | None = None
    """Positive is a score that reaches the threshold."""
    score: Area | None = None
    also: Mapping[str, Area] = field(default_factory=dict)
    """The score read at other places or against other gold."""
    transfer: Mapping[int, float] = field(default_factory=dict)
    """GT-T by tolerance."""
    natural: float | None = None
    """Share escalated if every stratum had its natural size."""
    intervals: Mapping[str, Interval] = field(default_factory=dict)

    @property
    def escalated_share(self) -> float:
        """Return the share of conversations that were escalated."""
        return self.escalated / self.conversations

    @property
    def offered_share(self) -> float:
        """Return the share of conversations in which a person was offered."""
        return self.offered / self.conversations

    @property
    def alarms_per_1000_turns(self) -> float | None:
        """Return the runs of `escalate` in a thousand turns."""
        return 1000 * self.alarms / self.turns if self.turns else None

    def record(self) -> dict[str, JsonValue]:
        """Return the figures as JSON."""
        return {
            "conversations": self.conversations,
            "turns": self.turns,
            "escalated_conversations": self.escalated,
            "escalated_fraction": _short(self.escalated_share),
            "offered_fraction": _short(self.offered_share),
            "alarms": self.alarms,
            "alarms_per_1000_turns": _short(self.alarms_per_1000_turns),
            "escalate_turns": self.escalate_turns,
            "offer_turns": self.offer_turns,
            "median_turns_before_end_of_first_escalate": self.earliness,
            "escalated_fraction_at_natural_rates": _short(self.natural),
            "by_action": _counts(self.by_action),
            "offer_counts_too": _counts(self.with_offers),
            "at_threshold": _counts(self.at_threshold),
            "score": _area(self.score),
            "also": {name: _area(found) for name, found in self.also.items()},
            "gt_t": {str(turns): _short(value) for turns, value in self.transfer.items()},
            "intervals": {
                name: [_short(low), _short(high)] for name, (low, high) in self.intervals.items()
            },
        }


def grouped(judged: Iterable[Judged]) -> dict[tuple[str, str | None], list[Judged]]:
    """Return conversations by source and job; job None has all of a source, and stands first.

    A source with a single job has no row of its own for it.
    """
    sources: dict[str, dict[str, list[Judged]]] = {}
    for one in judged:
        sources.setdefault(one.source, {}).setdefault(one.job, []).append(one)
    groups: dict[tuple[str, str | None], list[Judged]] = {}
    for source, jobs in sources.items():
        groups[source, None] = [one for own in jobs.values() for one in own]
        if len(jobs) > 1:
            groups |= {(source, job): own for job, own in jobs.items()}
    return groups


def figures(
    judged: Sequence[Judged],
    *,
    threshold: float = THRESHOLD,
    times: int = 0,
    rng: Random | None = None,
) -> Figures:
    """Return the figures of at least one conversation, with intervals from `times` resamples."""
    actions = [one.actions for one in judged]
    points = [point for one in judged for point in one.reading.points]
    first = [turns for own in actions if (turns := earliness(own)) is not None]
    chances = rng or Random(SEED)  # noqa: S311 # resampling keeps no secret
    plain = Figures(
        conversations=len(judged),
        turns=sum(map(len, actions)),
        escalated=len(first),
        offered=sum(Action.OFFER in own for own in actions),
        alarms=sum(map(alarms, actions)),
        escalate_turns=sum(own.count(Action.ESCALATE) for own in actions),
        offer_turns=sum(own.count(Action.OFFER) for own in actions),
        earliness=median(first) if first else None,
        natural=_natural(judged),
        intervals=intervals(_statistics(judged), len(judged), times, chances),
    )
    return _against_gold(plain, judged, points, threshold) if points else plain


def _against_gold(
    plain: Figures, judged: Sequence[Judged], points: Sequence[Point], threshold: float
) -> Figures:
    names = dict.fromkeys(name for one in judged for name in one.reading.also)
    return replace(
        plain,
        by_action=confusion((point.acted, point.so) for point in points),
        with_offers=confusion((point.acted or point.offered, point.so) for point in points),
        at_threshold=confusion((point.score >= threshold, point.so) for point in points),
        score=area((point.score, point.so) for point in points),
        also={
            name: area((p.score, p.so) for one in judged for p in one.reading.also.get(name, ()))
            for name in names
        },
        transfer=_transfer(judged),
    )


def _transfer(judged: Sequence[Judged]) -> dict[int, float]:
    known = [one.reading for one in judged if one.reading.golden is not None]
    if not any(reading.golden for reading in known):
        return {}
    return {
        tolerance: sum(golden_transfer(r.predicted, r.golden or (), tolerance) for r in known)
        / len(known)
        for tolerance in TOLERANCES
    }


def _natural(judged: Sequence[Judged]) -> float | None:
    """Return the escalated share with each conversation weighing what its stratum does."""
    sizes = Counter(one.stratum for one in judged if one.stratum)
    if sizes.total() < len(judged):
        return None
    weights = {stratum: stratum[1] / size for stratum, size in sizes.items()}
    shares = [(weights[one.stratum], one.actions) for one in judged if one.stratum]
    whole = sum(share for share, _ in shares)
    escalated = sum(share for share, actions in shares if Action.ESCALATE in actions)
    return escalated / whole if whole else None


def _statistics(judged: Sequence[Judged]) -> dict[str, Statistic]:
    """Return every figure that has an interval, as a function of a resample."""
    counted = [confusion((p.acted, p.so) for p in one.reading.points) for one in judged]
    hits, alarmed, true_ones = _columns((c.tp, c.tp + c.fp, c.tp + c.fn) for c in counted)
    everyone = [1] * len(judged)
    found = {
        "escalated_fraction": ratio([Action.ESCALATE in j.actions for j in judged], everyone),
        "alarms_per_1000_turns": ratio(
            [1000 * alarms(one.actions) for one in judged], [len(one.actions) for one in judged]
        ),
    }
    if not any(one.reading.points for one in judged):
        return found
    found["precision"] = ratio(hits, alarmed)
    if any(true_ones):
        both = [said + so for said, so in zip(alarmed, true_ones, strict=True)]
        found["recall"] = ratio(hits, true_ones)
        found["f1"] = ratio([2 * hit for hit in hits], both)
        found["auc"] = area_of([[(p.score, p.so) for p in one.reading.points] for one in judged])
    return found


def _columns(rows: Iterable[tuple[int, ...]]) -> Iterator[list[int]]:
    return (list(column) for column in zip(*rows, strict=True))


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _counts(found: Confusion | None) -> JsonValue:
    if found is None:
        return None
    return {
        "precision": _short(found.precision),
        "recall": _short(found.recall),
        "f1": _short(found.f1),
        "tp": found.tp,
        "fp": found.fp,
        "fn": found.fn,
        "tn": found.tn,
    }


def _area(found: Area | None) -> JsonValue:
    if found is None:
        return None
    return {
        "auc": _short(found.auc),
        "se": _short(found.se),
        "positives": found.positives,
        "negatives": found.negatives,
    }

"""Every figure for Prometheus: its name, its kind, what it tells, and where it is read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from handoff.api.feed import Bell
from handoff.domain.account import Account
from handoff.domain.delivery import Clock
from handoff.domain.finding import Damage
from handoff.domain.worklist import Worklist
from handoff.services.counts import Counts, Histogram
from handoff.services.deps import Deps

Rows = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; of a label there is a value for each of its words."""

    kind: str
    tells: str
    label: str = ""


STORED: dict[str, Figure] = {
    "handoff_escalations": Figure("gauge", "Open escalations.", "state"),
    "handoff_deliveries": Figure("gauge", "Unconfirmed deliveries.", "state"),
    "handoff_oldest_undelivered_seconds": Figure(
        "gauge", "Age of the oldest delivery that is not settled.", "clock"
    ),
    "handoff_oldest_undelivered_live_seconds": Figure(
        "gauge", "Age of the oldest live handoff that is not delivered: alert on this one."
    ),
    "handoff_stuck": Figure("gauge", "What the auditor found and cannot mend.", "damage"),
    "handoff_mended_total": Figure("counter", "What it mended.", "damage"),
    "handoff_resting_accounts": Figure(
        "gauge", "Accounts at connectors that nothing is sent to for now."
    ),
    "handoff_incidents": Figure("gauge", "Open incidents."),
    "handoff_stories_waiting": Figure("gauge", "Stories that are ordered and not yet written."),
}
"""Read from the database: the same from every service."""
OWN: dict[str, Figure] = {
    "handoff_turn_seconds": Figure(
        "histogram", "Time from a turn that was read to its answer, on disk."
    ),
    "handoff_batch_commands": Figure("histogram", "Commands that shared a commit."),
    "handoff_batch_seconds": Figure("histogram", "Time that a batch took, its commit included."),
    "handoff_stories_total": Figure(
        "counter", "Orders of stories that came to an end, those to be tried again too.", "ended"
    ),
    "handoff_card_ratings_total": Figure("counter", "Ratings of cards by people.", "rating"),
    "handoff_feed_clients": Figure("gauge", "Readers of the feed that are connected."),
    "handoff_feeds_refused_total": Figure("counter", "Feeds that were one too many."),
}
"""Counted by the process that is asked, since it began."""


def own_registry(counts: Counts, bell: Bell) -> CollectorRegistry:
    """Return what tells of this process alone."""
    registry = CollectorRegistry()
    registry.register(Own(counts, bell))
    return registry


def whole_registry(deps: Deps, bell: Bell) -> CollectorRegistry:
    """Return what tells of this process and of what is stored."""
    registry = own_registry(deps.counts, bell)
    registry.register(Stored(deps))
    return registry


class Own(Collector):
    """Reads what this process counted."""

    def __init__(self, counts: Counts, bell: Bell) -> None:
        """Read from these."""
        self._counts = counts
        self._bell = bell

    def collect(self) -> Iterable[Metric]:
        """Yield each figure of OWN."""
        counts = self._counts
        yield _histogram("handoff_turn_seconds", counts.turns)
        yield _histogram("handoff_batch_commands", counts.batches)
        yield _histogram("handoff_batch_seconds", counts.commits)
        yield _family("handoff_stories_total", counts.stories.counts())
        yield _family("handoff_card_ratings_total", counts.ratings.counts())
        yield _family("handoff_feed_clients", self._bell.readers)
        yield _family("handoff_feeds_refused_total", self._bell.refused)


@dataclass(frozen=True, slots=True)
class _Read:
    """What the database tells, all of one moment."""

    counts: Mapping[str, int]
    oldest: Mapping[Clock, datetime | None]
    damages: Mapping[tuple[Damage, bool], int]
    resting: Sequence[Account]
    incidents: int
    stories: int


class Stored(Collector):
    """Reads the database when it is asked."""

    def __init__(self, deps: Deps) -> None:
        """Read from the store of `deps`."""
        self._deps = deps

    def collect(self) -> Iterable[Metric]:
        """Yield each figure of STORED."""
        at = self._deps.clock()
        read = self._deps.store.read_any(lambda work: _read(work, at))
        for kind in ("escalations", "deliveries"):
            yield _family(f"handoff_{kind}", _by_state(read.counts, kind))
        ages = {
            clock.value: (at - since).total_seconds() if since else 0.0
            for clock, since in read.oldest.items()
        }
        yield _family("handoff_oldest_undelivered_seconds", ages)
        yield _family("handoff_oldest_undelivered_live_seconds", ages[Clock.LIVE.value])
        yield _family("handoff_stuck", _by_damage(read.damages, mended=False))
        yield _family("handoff_mended_total", _by_damage(read.damages, mended=True))
        yield _family("handoff_resting_accounts", len(read.resting))
        yield _family("handoff_incidents", read.incidents)
        yield _family("handoff_stories_waiting", read.stories)


def _read(work: Worklist, at: datetime) -> _Read:
    return _Read(
        work.counts(),
        {clock: work.oldest_undelivered(clock) for clock in Clock},
        work.auditing.counts(),
        work.resting(at),
        work.open_incidents(),
        work.waiting_summaries(),
    )


def _by_state(counts: Mapping[str, int], kind: str) -> Rows:
    named = (name.partition("_") for name in counts)
    return {state: counts[f"{kind}_{state}"] for about, _, state in named if about == kind}


def _by_damage(damages: Mapping[tuple[Damage, bool], int], *, mended: bool) -> Rows:
    return {damage.value: damages.get((damage, mended), 0) for damage in Damage}


def _family(name: str, rows: Rows | float) -> Metric:
    """Return a gauge or a counter, with a value for each word of its label if it has one."""
    figure = (STORED | OWN)[name]
    kind = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
    family = kind(name, figure.tells, labels=[figure.label] if figure.label else [])
    if isinstance(rows, Mapping):
        for word, value in rows.items():
            family.add_metric([word], value)
    else:
        family.add_metric([], rows)
    return family


def _histogram(name: str, histogram: Histogram) -> Metric:
    bounds = [*(f"{bound:g}" for bound in histogram.bounds), "+Inf"]
    buckets = list(zip(bounds, histogram.under(), strict=True))
    return HistogramMetricFamily(name, OWN[name].tells, buckets, histogram.total)

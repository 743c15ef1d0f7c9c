"""The two ways of `handoff evaluate`: decisions judged, and cards judged; with progress."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol, TypeVar

from pydantic import JsonValue
from rich.table import Table

from handoff.cli.card_tables import card_tables
from handoff.cli.figures import figures_tables
from handoff.cli.labelled import cases, unmasked_cases
from handoff.cli.layouts import Layout
from handoff.cli.output import Pace
from handoff.cli.reading import Recordings
from handoff.cli.written import Writer
from handoff.detection import Detector
from handoff.domain.errors import Invalid
from handoff.evaluation.cards import report as of_cards
from handoff.evaluation.judge import judge
from handoff.evaluation.replay import play
from handoff.evaluation.report import SEED, figures, grouped

Key = tuple[str, str | None]
"""Source and job; job None is the whole source."""
Own = TypeVar("Own")


class _Figures(Protocol):
    """Figures of a group."""

    def record(self) -> dict[str, JsonValue]:
        """Return them as JSON."""


Summed = TypeVar("Summed", bound=_Figures)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was measured: each group's items for plots, its figures for machines and for people."""

    groups: Mapping[Key, Sequence[Any]]
    rows: list[JsonValue]
    tables: Iterable[Table]


def decisions(
    recordings: Recordings, detector: Detector, threshold: float, times: int
) -> Evaluated:
    """Return what the detector's decisions are worth; raise Invalid where nothing can be read."""
    with Pace("evaluate") as pace:
        judged = [judge(c, play(detector, c.conversation)) for c in cases(recordings, pace)]
    groups = grouped(_some(judged))
    found = _measured(
        groups, lambda own, rng: figures(own, threshold=threshold, times=times, rng=rng)
    )
    return Evaluated(groups, _rows(found), figures_tables(found))


def cards(recordings: Recordings, layout: Layout | None, writer: Writer, times: int) -> Evaluated:
    """Return what the writer's cards are worth; raise Invalid where nothing can be read."""
    with Pace("write and judge cards") as pace:
        every = unmasked_cases(recordings, layout, pace)
        judged = [writer.judged(case, unmasked) for case, unmasked in every]
    groups = of_cards.grouped(_some(judged))
    found = _measured(groups, lambda own, rng: of_cards.card_figures(own, times=times, rng=rng))
    return Evaluated(groups, _rows(found), card_tables(found))


def _some(judged: list[Own]) -> list[Own]:
    if not judged:
        raise Invalid("no conversation could be read")
    return judged


def _measured(
    groups: Mapping[Key, Sequence[Own]], figures_of: Callable[[Sequence[Own], Random], Summed]
) -> dict[Key, Summed]:
    found: dict[Key, Summed] = {}
    with Pace("resample", counts="rows") as pace:
        for count, (key, group) in enumerate(groups.items(), 1):
            found[key] = figures_of(group, Random(SEED))  # noqa: S311 # resampling keeps no secret
            pace.show(count, len(groups), count)
    return found


def _rows(found: Mapping[Key, Summed]) -> list[JsonValue]:
    return [
        {"source": source, "job": job, **figures.record()}
        for (source, job), figures in found.items()
    ]

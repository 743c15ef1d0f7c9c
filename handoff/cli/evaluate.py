"""Measure a policy on labelled recordings: precision, recall, AUC, alarms, earliness."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Annotated, Final, cast

import typer
from pydantic import JsonValue
from rich.console import Console

from handoff.cli.figures import figures_tables
from handoff.cli.labelled import cases
from handoff.cli.options import Files, Format, PolicyFile, load_policy
from handoff.cli.output import Pace, complain, emit
from handoff.cli.reading import Recordings
from handoff.cli.registry import attribute_of
from handoff.detection import Detector
from handoff.domain.errors import Invalid
from handoff.evaluation.judge import Judged, judge
from handoff.evaluation.replay import play
from handoff.evaluation.report import SEED, THRESHOLD, TIMES, Figures, figures, grouped

DRAW: Final = "handoff.evaluation.plots:draw"
WIDTH: Final = 120
"""Columns of the tables where there is no terminal."""

Draw = Callable[[Mapping[str, Sequence[Judged]], Path, str], list[Path]]
Key = tuple[str, str | None]


class Picture(StrEnum):
    """How plots are written."""

    PNG = "png"
    SVG = "svg"


def evaluate(
    files: Files,
    policy: PolicyFile = None,
    layout: Format = None,
    threshold: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="The score that counts as yes.")
    ] = THRESHOLD,
    bootstrap: Annotated[
        int, typer.Option(metavar="N", min=0, max=100_000, help="Resamples for the intervals.")
    ] = TIMES,
    plots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a picture per source here.")
    ] = None,
    plot_format: Annotated[Picture, typer.Option(help="How they are written.")] = Picture.PNG,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> int:
    """Replay recorded conversations and hold what is decided against what their files say.

    Labels and outcomes are read beside a conversation; the detector never sees them. What is
    true depends on the data set (`source`); elsewhere it is `outcome.handed_off`, and without
    gold only the alarms are counted. Intervals hold 95 % of resamples over conversations. Exits
    with 1 if a line had to be skipped.
    """
    draw = None if plots is None else cast("Draw", attribute_of(DRAW, "evaluate"))
    detector = Detector(load_policy(policy))
    recordings = Recordings(files, layout, complain)
    with Pace("evaluate") as pace:
        judged = [judge(c, play(detector, c.conversation)) for c in cases(recordings, pace)]
    if not judged:
        raise Invalid("no conversation could be read")
    groups = grouped(judged)
    found = dict(_measured(groups, threshold, bootstrap))
    if draw is not None and plots is not None:
        sources = {source: group for (source, job), group in groups.items() if job is None}
        for path in draw(sources, plots, plot_format.value):
            typer.echo(f"wrote {path}", err=True)
    if as_json:
        emit([_record(found, detector.policy.label, threshold, bootstrap)])
    else:
        console = Console(width=None if sys.stdout.isatty() else WIDTH)
        console.print(*figures_tables(found))
    return 1 if recordings.skipped else 0


def _measured(
    groups: Mapping[Key, Sequence[Judged]], threshold: float, times: int
) -> Iterator[tuple[Key, Figures]]:
    with Pace("resample", counts="rows") as pace:
        for count, (key, group) in enumerate(groups.items(), 1):
            chances = Random(SEED)  # noqa: S311 # resampling keeps no secret
            yield key, figures(group, threshold=threshold, times=times, rng=chances)
            pace.show(count, len(groups), count)


def _record(
    found: Mapping[Key, Figures], label: str, threshold: float, times: int
) -> dict[str, JsonValue]:
    rows: list[JsonValue] = [
        {"source": source, "job": job, **figures.record()}
        for (source, job), figures in found.items()
    ]
    return {"policy": label, "threshold": threshold, "bootstrap": times, "rows": rows}

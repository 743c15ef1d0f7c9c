"""Measure a policy, or with `--cards` the handoff cards, on labelled recordings."""

import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer
from pydantic import JsonValue
from rich.console import Console

from handoff.cli import evaluated
from handoff.cli.card import Until
from handoff.cli.options import Files, Format, PolicyFile, load_policy
from handoff.cli.output import complain, emit
from handoff.cli.reading import Recordings
from handoff.cli.registry import attribute_of
from handoff.cli.summarizers import DETERMINISTIC, summarizer_of
from handoff.cli.written import Writer
from handoff.detection import Detector
from handoff.domain.errors import Invalid
from handoff.evaluation.report import THRESHOLD, TIMES

DRAW: Final = "handoff.evaluation.plots:draw"
DRAW_CARDS: Final = "handoff.evaluation.cards.plots:draw"
WIDTH: Final = 120
"""Columns of the tables where there is no terminal."""

Draw = Callable[[Mapping[str, Sequence[Any]], Path, str], list[Path]]


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
    cards: Annotated[bool, typer.Option("--cards", help="Measure the handoff cards.")] = False,
    summarizer: Annotated[
        str, typer.Option(metavar="NAME", help="With --cards: a name, or module:attribute.")
    ] = DETERMINISTIC,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the summarizer."),
    ] = None,
    until: Annotated[
        Until, typer.Option(help="With --cards: where a card stops; gold stops there, too.")
    ] = Until.END,
    words_only: Annotated[
        bool, typer.Option("--words-only", help="With --cards: hide what is marked in speech.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> int:
    """Replay recorded conversations and hold what is decided against what their files say.

    Labels and outcomes are read beside a conversation; the detector never sees them. What is
    true depends on the data set (`source`); elsewhere it is `outcome.handed_off`, and without
    gold only the alarms are counted. Intervals hold 95 % of resamples over conversations. Exits
    with 1 if a line had to be skipped.

    With `--cards` each conversation's card is held against `outcome.state` (what a card should
    have), the calls that were made, the turns that it cites, and `outcome.reference_summaries`.
    A summarizer is a function of a conversation and its card; your own is `module:attribute`.
    """
    if not cards and (summarizer != DETERMINISTIC or settings or words_only or until != Until.END):
        raise Invalid("--summarizer, --set, --until and --words-only go with --cards: add it")
    target = DRAW_CARDS if cards else DRAW
    draw = None if plots is None else cast("Draw", attribute_of(target, "evaluate"))
    detector = Detector(load_policy(policy))
    recordings = Recordings(files, layout, complain)
    about: dict[str, JsonValue] = {"policy": detector.policy.label, "bootstrap": bootstrap}
    if cards:
        writing = summarizer_of(summarizer, settings or ())
        writer = Writer(writing, detector, until=until, words_only=words_only)
        done = evaluated.cards(recordings, layout, writer, bootstrap)
        about |= {"summarizer": summarizer, "until": until.value, "words_only": words_only}
    else:
        done = evaluated.decisions(recordings, detector, threshold, bootstrap)
        about["threshold"] = threshold
    if draw is not None and plots is not None:
        sources = {source: group for (source, job), group in done.groups.items() if job is None}
        for path in draw(sources, plots, plot_format.value):
            typer.echo(f"wrote {path}", err=True)
    if as_json:
        emit([{**about, "rows": done.rows}])
    else:
        console = Console(width=None if sys.stdout.isatty() else WIDTH)
        console.print(*done.tables)
    return 1 if recordings.skipped else 0

"""Draws what a source's cards have and how long they are (matplotlib)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from handoff.evaluation.cards.judge import CardJudged
from handoff.evaluation.cards.report import card_figures
from handoff.evaluation.plots import BINS, BLUE, GREY, RED, Kind, named, nothing, save

SIZE: Final = (13.5, 4.2)
"""Inches of three panels."""
_COLOURS: Final = {"claims": BLUE, "text": RED, "narrative": GREY}


def draw(groups: Mapping[str, Sequence[CardJudged]], folder: Path, kind: Kind) -> list[Path]:
    """Write a picture per source into `folder`, which is made, and return the paths.

    Raises Invalid where it cannot be written.
    """
    return save({source: picture(source, own) for source, own in groups.items()}, folder, kind)


def picture(title: str, judged: Sequence[CardJudged]) -> Figure:
    """Return the three panels of one source; a panel without anything to show says so."""
    figure = Figure(figsize=SIZE, layout="constrained")
    figure.suptitle(named(title), parse_math=False)
    left, middle, right = figure.subplots(1, 3)
    _facts(left, judged)
    _spread(middle, "Length", "tokens of the text form", [one.tokens for one in judged])
    _spread(right, "Time", "ms a card", [one.latency_ms for one in judged])
    return figure


def _facts(axes: Axes, judged: Sequence[CardJudged]) -> None:
    axes.set(title="Found on the card", xlabel="share", xlim=(0, 1))
    chances = Random(0)  # noqa: S311 # nothing is resampled
    measures = card_figures(judged, times=0, rng=chances).measures
    shown = {name: one for name, one in measures.items() if _COLOURS.keys() & one.ways.keys()}
    if not shown:
        nothing(axes, "no gold")
        return
    height = 0.8 / len(_COLOURS)
    for place, (way, colour) in enumerate(_COLOURS.items()):
        shares = [one.share(way) or 0.0 for one in shown.values()]
        rows = [row + place * height for row in range(len(shown))]
        axes.barh(rows, shares, height, color=colour, label=way)
    axes.set_yticks([row + height for row in range(len(shown))], list(shown), parse_math=False)
    axes.invert_yaxis()
    axes.legend(loc="lower left")


def _spread(axes: Axes, title: str, what: str, values: Sequence[float]) -> None:
    axes.set(title=title, xlabel=what, ylabel="cards")
    axes.hist(values, BINS, color=BLUE)

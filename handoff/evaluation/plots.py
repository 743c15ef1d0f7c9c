"""Draws a source's figures: ROC curve, scores by gold, how early it escalates (matplotlib)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from handoff.domain.errors import Invalid
from handoff.evaluation.judge import Judged
from handoff.evaluation.metrics import Scored, area, curve, earliness

Kind = Literal["png", "svg"]

BINS: Final = 20
SIZE: Final = (13.5, 4.2)
"""Inches of three panels."""
BLUE, RED, GREY = "#2563a8", "#c2410c", "#9ca3af"


def draw(groups: Mapping[str, Sequence[Judged]], folder: Path, kind: Kind) -> list[Path]:
    """Write a picture per source into `folder`, which is made, and return the paths.

    Raises Invalid where it cannot be written.
    """
    return save({source: picture(source, own) for source, own in groups.items()}, folder, kind)


def save(pictures: Mapping[str, Figure], folder: Path, kind: Kind) -> list[Path]:
    """Write each source's picture into `folder`; raise Invalid where it cannot be written."""
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source, drawn in pictures.items():
            path = folder / f"{_free(named(source), written)}.{kind}"
            with mpl.rc_context({"svg.hashsalt": "handoff"}):  # the same figures, the same file
                drawn.savefig(path, format=kind, metadata=_about(kind))
            written.append(path)
    except OSError as error:
        raise Invalid(f"{folder}: {error.strerror or error}") from None
    return written


def picture(title: str, judged: Sequence[Judged]) -> Figure:
    """Return the three panels of one source; a panel without anything to show says so."""
    figure = Figure(figsize=SIZE, layout="constrained")
    figure.suptitle(named(title), parse_math=False)
    left, middle, right = figure.subplots(1, 3)
    points = [(point.score, point.so) for one in judged for point in one.reading.points]
    _roc(left, points)
    _scores(middle, points)
    _early(right, [turns for one in judged if (turns := earliness(one.actions)) is not None])
    return figure


def _roc(axes: Axes, points: Sequence[Scored]) -> None:
    axes.set(title="ROC curve", xlabel="false alarms", ylabel="recall", aspect="equal")
    drawn, found = curve(points), area(points)
    if found.auc is None:
        nothing(axes, "no gold of both kinds")
        return
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":")
    axes.plot(*zip(*drawn, strict=True), color=BLUE, label=f"AUC {found.auc:.3f}")
    axes.legend(loc="lower right")


def _scores(axes: Axes, points: Sequence[Scored]) -> None:
    axes.set(title="Scores by gold", xlabel="score", ylabel="share", xlim=(0, 1))
    if not points:
        nothing(axes, "no gold")
        return
    edges = [place / BINS for place in range(BINS + 1)]
    for so, name, colour in ((False, "no", GREY), (True, "yes", RED)):
        own = [score for score, truth in points if truth is so]
        if own:
            shares = [1 / len(own)] * len(own)
            label = f"{name} ({len(own):,})"
            axes.hist(own, edges, weights=shares, color=colour, alpha=0.6, label=label)
    axes.legend(loc="upper right")


def _early(axes: Axes, turns: Sequence[int]) -> None:
    title = "First escalation"
    axes.set(title=title, xlabel="turns before the end", ylabel="conversations")
    if not turns:
        nothing(axes, "nothing escalated")
        return
    width = 1 + max(turns) // BINS  # whole turns
    axes.hist(turns, list(range(0, max(turns) + width + 1, width)), color=BLUE)


def nothing(axes: Axes, why: str) -> None:
    """Say in a panel why it is empty."""
    axes.text(0.5, 0.5, why, ha="center", va="center", transform=axes.transAxes, color=GREY)


def _about(kind: Kind) -> dict[str, str | None]:
    """Return what is written into the file about itself: not when it was made."""
    return {"Date": None} if kind == "svg" else {"Software": None}


def named(source: str) -> str:
    """Return a source as a file may be called; what it says came from a file."""
    kept = (letter if letter.isascii() and letter.isalnum() else "-" for letter in source[:80])
    return "".join(kept).strip("-") or "source"


def _free(name: str, written: Sequence[Path]) -> str:
    taken = {path.stem for path in written}
    return name if name not in taken else f"{name}-{len(written) + 1}"

"""Draws the figures of `handoff evaluate` as a table, and numbers as people read them."""

from collections.abc import Mapping
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from handoff.evaluation.intervals import Interval
from handoff.evaluation.metrics import TOLERANCES
from handoff.evaluation.report import Figures

NUMBERS: Final = (
    "conv.",
    "turns",
    "esca-\nlated",
    "offer-\ned",
    "prec.",
    "recall",
    "F1",
    "false\nalarms",
    "F1 of\nscore",
    "AUC",
    "alarms\n/1,000",
    "early",
    f"GT-T {'/'.join(map(str, TOLERANCES))}",
)
CAPTION: Final = (
    "F1, AUC: 95 % of resamples. F1 of score: at the threshold. early: median turns from the first "
    "escalation to the end. –: no gold for it, or nothing to count."
)


def figures_table(found: Mapping[tuple[str, str | None], Figures]) -> Table:
    """Return a row per source, and one under it per job where it has several."""
    drawn = Table("source", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), caption=CAPTION)
    drawn.add_column("job", min_width=12, overflow="fold")
    for name in NUMBERS:
        drawn.add_column(name, justify="right", no_wrap=True)
    for (source, job), figures in found.items():
        if job is None:
            drawn.add_section()
        place = (printable(source), "") if job is None else ("", printable(job) or "(none)")
        cells = map(Text, (*place, *_cells(figures)))
        drawn.add_row(*cells, style="bold" if job is None else "")
    return drawn


def printable(name: str) -> str:
    """Return a name out of a file without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "�" for letter in name)


def share(value: float | None) -> str:
    """Return a share as two decimals, or a dash."""
    return "–" if value is None else f"{value:.2f}"


def _cells(figures: Figures) -> tuple[str, ...]:
    action, threshold = figures.by_action, figures.at_threshold
    score = figures.score
    within = figures.intervals
    return (
        f"{figures.conversations:,}",
        f"{figures.turns:,}",
        f"{figures.escalated_share:.1%}",
        f"{figures.offered_share:.1%}",
        share(action.precision if action else None),
        share(action.recall if action else None),
        _with(action.f1 if action else None, within.get("f1")),
        f"{action.fp:,}/{action.fp + action.tn:,}" if action else "–",
        share(threshold.f1 if threshold else None),
        _with(score.auc if score else None, within.get("auc")),
        _alarms(figures.alarms_per_1000_turns),
        "–" if figures.earliness is None else f"{figures.earliness:g}",
        "/".join(map(share, figures.transfer.values())) or "–",
    )


def _with(value: float | None, interval: Interval | None) -> str:
    if value is None or interval is None:
        return share(value)
    return f"{value:.2f} {interval[0]:.2f}–{interval[1]:.2f}"


def _alarms(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"

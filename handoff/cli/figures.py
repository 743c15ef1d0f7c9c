"""Draws the figures of `handoff evaluate` as tables, and numbers as people read them."""

from collections.abc import Iterator, Mapping
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from handoff.evaluation.intervals import Interval
from handoff.evaluation.metrics import TOLERANCES, Confusion
from handoff.evaluation.report import Figures

NOTHING: Final = "–"
DONE: Final = ("conv.", "turns", "escalated", "offered", "alarms/1,000", "early")
WORTH: Final = (
    "prec.",
    "recall",
    "F1",
    "false alarms",
    "F1 of score",
    "AUC",
    f"GT-T {'/'.join(map(str, TOLERANCES))}",
)
EARLY: Final = "alarms by 1,000 turns; early: median turns from the first escalation to the end"
BRACKETS: Final = "of `escalate`, brackets: 95 % of resamples; F1 of score: at the threshold"

Key = tuple[str, str | None]
"""Source and job; job None is the whole source."""


def figures_tables(found: Mapping[Key, Figures]) -> Iterator[Table]:
    """Yield what was done, and what it is worth where there is gold.

    A row per source, and one under it per job where it has several.
    """
    done = {key: _done(figures) for key, figures in found.items()}
    yield _table(DONE, EARLY, done)
    worth = {key: _worth(figures) for key, figures in found.items() if figures.by_action}
    if worth:
        yield _table(WORTH, BRACKETS, worth)


def _table(head: tuple[str, ...], caption: str, rows: Mapping[Key, tuple[str, ...]]) -> Table:
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, caption=caption)
    for name in ("source", "job"):
        drawn.add_column(name, overflow="fold")
    for name in head:
        drawn.add_column(name, justify="right", overflow="fold")
    for (source, job), cells in rows.items():
        if job is None:
            drawn.add_section()
        place = (printable(source), "") if job is None else ("", printable(job) or "(none)")
        drawn.add_row(*map(Text, (*place, *cells)), style="bold" if job is None else "")
    return drawn


def printable(name: str) -> str:
    """Return a name out of a file without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "�" for letter in name)


def share(value: float | None) -> str:
    """Return a share as two decimals, or a dash."""
    return NOTHING if value is None else f"{value:.2f}"


def _done(figures: Figures) -> tuple[str, ...]:
    alarms, early = figures.alarms_per_1000_turns, figures.earliness
    return (
        f"{figures.conversations:,}",
        f"{figures.turns:,}",
        f"{figures.escalated_share:.1%}",
        f"{figures.offered_share:.1%}",
        NOTHING if alarms is None else f"{alarms:.1f}",
        NOTHING if early is None else f"{early:g}",
    )


def _worth(figures: Figures) -> tuple[str, ...]:
    action = figures.by_action or Confusion()
    threshold, score = figures.at_threshold, figures.score
    within = figures.intervals
    return (
        share(action.precision),
        share(action.recall),
        _with(action.f1, within.get("f1")),
        f"{action.fp:,}/{action.fp + action.tn:,}",
        share(threshold.f1 if threshold else None),
        _with(score.auc if score else None, within.get("auc")),
        "/".join(map(share, figures.transfer.values())) or NOTHING,
    )


def _with(value: float | None, interval: Interval | None) -> str:
    if value is None or interval is None:
        return share(value)
    return f"{value:.2f} [{interval[0]:.2f} {interval[1]:.2f}]"

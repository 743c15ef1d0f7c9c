"""Rows of `make evaluate` for learned policies: each data set by grouped cross-validation.

A fold's policy is learned from the other four, then plays the fold like any other policy. AUC is
the mean over folds; F1 counts all of them at a score of 0.5.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from handoff.detection import Detector, Policy
from handoff.evaluation.gold import Case
from handoff.evaluation.judge import Judged, judge
from handoff.evaluation.labels import label_of
from handoff.evaluation.learning import alone, crossed
from handoff.evaluation.replay import play
from handoff.evaluation.report import Figures, figures
from tests.evaluation.rows import Data, Row

DAY = date(2026, 1, 1)
"""Written into policies that are thrown away."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of one data set, and which of its conversations must not help each other."""

    measure: str
    auc: float
    half: float | None = None
    f1: float | None = None
    group: Callable[[Case], str] = alone
    only: Callable[[Case], bool] = lambda _case: True


WANTED = {
    "betold": Wanted("caller asks to be forwarded or hangs up", 0.82, half=0.68),
    "star": Wanted("annoyed or not helped, end of conversation", 0.78),
    "mhch-makeup": Wanted("turn to transfer at", 0.90, f1=0.62),
    "tau-airline": Wanted(
        "failed or handed off, before the transfer",
        0.78,
        group=lambda case: str(case.gold.outcome.get("scenario")) if case.gold else "",
    ),
    "dbdc3": Wanted(
        "breakdown, English", 0.67, only=lambda case: case.conversation.language == "en"
    ),
}


def learned(data: Data) -> Iterator[Row]:
    """Yield what a policy that was learned from four fifths says of the last fifth."""
    for name, wanted in WANTED.items():
        cases = [case for case in data.cases(name) if wanted.only(case)]
        label = label_of(name)
        parts = [
            [judge(case, play(Detector(policy), case.conversation)) for case in test]
            for policy, test in crossed(cases, Policy.default(), label, DAY, wanted.group)
        ]
        yield from _rows(f"{name}, learned: {wanted.measure}", wanted, parts)


def _rows(what: str, wanted: Wanted, parts: list[list[Judged]]) -> Iterator[Row]:
    each = [figures(part, times=0) for part in parts]
    auc = fmean(one.score.auc or 0.0 for one in each if one.score)
    yield Row(f"{what}: AUC", f"{auc:.3f}{_spread(each)}", f"≥ {wanted.auc:.2f}", auc >= wanted.auc)
    if wanted.half is not None:
        half = fmean(one.also["half"].auc or 0.0 for one in each)
        bound = f"≥ {wanted.half:.2f}"
        yield Row(
            "… over the first half of the call: AUC", f"{half:.3f}", bound, half >= wanted.half
        )
    if wanted.f1 is not None:
        whole = figures([one for part in parts for one in part], times=0).at_threshold
        f1 = (whole.f1 if whole else None) or 0.0
        yield Row("… F1 at 0.5", f"{f1:.3f}", f"≥ {wanted.f1:.2f}", f1 >= wanted.f1)


def _spread(each: list[Figures]) -> str:
    known = [one.score.auc for one in each if one.score and one.score.auc is not None]
    return f" ({min(known):.3f} to {max(known):.3f} by fold)"

"""What `make evaluate` measures on the shared conversations, a function a row.

`ROWS` is the list: a row function takes `Data` and yields rows. Rows of policies that were learned
are added to it like those of the shipped one.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from handoff.cli.labelled import cases
from handoff.cli.output import Pace
from handoff.cli.reading import Recordings
from handoff.detection import Detector, Policy
from handoff.domain.decision import Action
from handoff.evaluation.gold import Case
from handoff.evaluation.judge import judge
from handoff.evaluation.replay import play
from handoff.evaluation.report import TIMES, Figures, figures

QUIET = ("getgoing", "evi")
"""Data sets in which few conversations need a person."""
DATA = Path(__file__).parents[2] / os.environ.get("SHARED", "../shared") / "data"


@dataclass(frozen=True)
class Row:
    """One measure: what was found, what it should reach, and whether it does."""

    measure: str
    found: str
    bound: str
    met: bool


@dataclass(frozen=True)
class Data:
    """The conversations of a folder; each data set is read once."""

    folder: Path = DATA
    times: int = TIMES
    known: dict[str, list[Case]] = field(default_factory=dict)

    def cases(self, name: str) -> list[Case]:
        """Return the conversations of a data set with their gold."""
        if name not in self.known:
            paths = sorted(self.folder.glob(f"{name}-dev.jsonl*"))
            recordings = Recordings(paths, None, _refuse)
            with Pace(name) as pace:
                self.known[name] = list(cases(recordings, pace))
        return self.known[name]

    def figures(self, name: str, policy: Policy) -> Figures:
        """Return the figures of a data set under a policy."""
        detector = Detector(policy)
        return figures(
            [judge(case, play(detector, case.conversation)) for case in self.cases(name)],
            times=self.times,
        )


RowFunction = Callable[[Data], Iterator[Row]]


def requests(data: Data) -> Iterator[Row]:
    """Yield how well the shipped policy hears a request for a person: F1 of `escalate`."""
    for name, bound in (("nlupp", 0.92), ("rasa-apache", 0.95), ("bitext", 0.96)):
        found = data.figures(name, Policy.default())
        assert found.by_action is not None
        f1 = found.by_action.f1 or 0.0
        shown = f"{f1:.3f}{between(found, 'f1')}"
        yield Row(f"request for a person, {name}: F1", shown, f"≥ {bound:.2f}", f1 >= bound)


def false_alarms(data: Data) -> Iterator[Row]:
    """Yield how often the shipped policy hears one where nobody asked."""
    for name, bound in (("banking77", 1), ("clinc150", 5), ("multidogo", 1)):
        found = data.figures(name, Policy.default()).by_action
        assert found is not None
        shown = f"{found.fp:,} of {found.fp + found.tn:,}"
        yield Row(f"false alarms, {name}", shown, f"≤ {bound}", found.fp <= bound)


def airline(data: Data) -> Iterator[Row]:
    """Yield whether the shipped policy's score foresees failure, before the transfer call."""
    found = data.figures("tau-airline", Policy.default())
    assert found.score is not None
    auc = found.score.auc or 0.0
    measure = "tau-airline, failed or handed off, shipped policy: AUC"
    yield Row(measure, f"{auc:.3f}{between(found, 'auc')}", "≥ 0.70", auc >= 0.70)


def escalated(data: Data) -> Iterator[Row]:
    """Yield the share of conversations that the shipped policy escalates."""
    for name in QUIET:
        found = data.figures(name, Policy.default())
        shown = f"{found.escalated_share:.1%} ({found.escalated} of {found.conversations})"
        measure = f"escalated by the shipped policy, {name}"
        yield Row(measure, shown, "≤ 15 %", found.escalated_share <= 0.15)


ROWS: list[RowFunction] = [requests, false_alarms, airline, escalated]
"""What is measured, in the table's order."""


def reasons(data: Data) -> Iterator[str]:
    """Yield, to be read, each conversation that the share counts: turn, why, words it rests on."""
    detector = Detector(Policy.default())
    for name in QUIET:
        for case in data.cases(name):
            turns = {turn.index: turn for turn in case.conversation.turns}
            decided = play(detector, case.conversation).decisions
            first = next((one for one in decided if one.action is Action.ESCALATE), None)
            if first is not None:
                why = first.reasons[0]
                said = [f"{turns[at].role}: {turns[at].text}" for at in why.turns if at in turns]
                cause = why.rule or f"score {first.score:.2f}"
                place = f"{case.conversation.conversation_id} turn {first.turn_index}"
                yield f"{place}: {first.reason_code}, {why.signal} ({cause}): {' | '.join(said)}"


def between(found: Figures, name: str) -> str:
    """Return the interval of a figure in brackets, or nothing without one."""
    interval = found.intervals.get(name)
    return f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else ""


def _refuse(problem: str) -> None:
    """Stop at a line that cannot be read: figures of half the data are no figures."""
    raise AssertionError(problem)

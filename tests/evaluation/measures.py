"""What `make evaluate` measures on the shared conversations, a function a row.

`ROWS` is the list: a row function takes `Data` and yields rows. Rows of policies that were learned
are added to it like those of the shipped one.
"""

from collections.abc import Callable, Iterator

from handoff.detection import Detector, Policy
from handoff.domain.decision import Action
from handoff.evaluation.replay import play
from handoff.evaluation.report import Figures
from tests.evaluation.learned import learned
from tests.evaluation.rows import Data, Row

QUIET = ("getgoing", "evi")
"""Data sets in which few conversations need a person."""


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


ROWS: list[RowFunction] = [requests, false_alarms, airline, escalated, learned]
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

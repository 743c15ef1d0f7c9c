"""How one policy differs from another over conversations."""

import pytest

from handoff.detection import Detector, Policy
from handoff.domain.decision import Action, Decision, Reason
from handoff.domain.turn import Conversation
from handoff.services.replaying import (
    EXAMPLES,
    Comparison,
    Difference,
    difference,
    first_escalation,
)
from tests.factories import turn


def escalating(turn_index: int, code: str = "a", signal: str = "s") -> Decision:
    """Return a decision to escalate."""
    reason = Reason(signal, None, 1.0, None, None, (turn_index,))
    return Decision(Action.ESCALATE, 0.9, (reason,), turn_index, code)


@pytest.mark.parametrize(
    ("new", "old", "kind"),
    [
        (None, None, Difference.SAME),
        (escalating(3), escalating(3), Difference.SAME),
        (escalating(3), None, Difference.ONLY_NEW),
        (None, escalating(3), Difference.ONLY_OLD),
        (escalating(2), escalating(3), Difference.EARLIER),
        (escalating(4), escalating(3), Difference.LATER),
        (escalating(3, "b"), escalating(3), Difference.OTHER_REASON),
        (escalating(3, signal="t"), escalating(3), Difference.OTHER_REASON),
    ],
)
def test_a_difference_has_one_name(
    new: Decision | None, old: Decision | None, kind: Difference
) -> None:
    """When first, then why."""
    assert difference(new, old) is kind


def test_the_first_escalation_counts() -> None:
    """Turns are numbered by order; what follows is another escalation's business."""
    said = ("hello", "a human please", "a human now")
    turns = tuple(turn(f"t{n}", text) for n, text in enumerate(said))

    found = first_escalation(
        Detector(Policy.default()), Conversation(conversation_id="c", turns=turns)
    )

    assert found is not None
    assert (found.turn_index, found.reasons[0].signal) == (1, "human_request")


def test_counts_are_in_all_and_by_job_and_examples_few() -> None:
    """The busiest job first; some of each difference."""
    compared = Comparison()
    for n in range(EXAMPLES + 2):
        compared.add(Conversation(conversation_id=f"a{n}", job="a"), escalating(1), None)
    compared.add(Conversation(conversation_id="b"), escalating(2, "b"), escalating(1))
    compared.add(Conversation(conversation_id="c"), None, None)

    told = compared.view()

    assert (told["conversations"], told["new"], told["old"], told["same"]) == (14, 13, 1, 0)
    assert (told["only_new"], told["later"]) == (12, 1)
    assert told["reasons"] == {"new": {"a": 12, "b": 1}, "old": {"a": 1}}
    assert [(job["job"], job["conversations"]) for job in told["jobs"]] == [("a", 12), (None, 2)]  # type: ignore[union-attr,index,call-overload] # JSON
    assert len(told["examples"]) == EXAMPLES + 1  # type: ignore[arg-type] # JSON

"""A detector over whole conversations, and how two policies differ in one."""

import pytest

from handoff.detection import Detector, Policy
from handoff.detection.replay import Change, change, decisions, first_escalation
from handoff.domain.decision import Decision
from handoff.domain.turn import Conversation
from tests.detection.decided import escalating
from tests.factories import turn


@pytest.mark.parametrize(
    ("new", "old", "kind"),
    [
        (None, None, Change.NEVER),
        (escalating(3), escalating(3), Change.SAME),
        (escalating(3), None, Change.ONLY_NEW),
        (None, escalating(3), Change.ONLY_OLD),
        (escalating(2), escalating(3), Change.EARLIER),
        (escalating(4), escalating(3), Change.LATER),
        (escalating(3, "b"), escalating(3), Change.OTHER_REASON),
        (escalating(3, signal="t"), escalating(3), Change.OTHER_REASON),
    ],
)
def test_a_change_has_one_name(new: Decision | None, old: Decision | None, kind: Change) -> None:
    """When first, then why."""
    assert change(old, new) is kind


def test_the_first_escalation_counts() -> None:
    """Turns are numbered by order; what follows is another escalation's business."""
    said = ("hello", "a human please", "a human now")
    turns = tuple(turn(f"t{n}", text) for n, text in enumerate(said))
    conversation = Conversation(conversation_id="c", turns=turns)

    found = first_escalation(decisions(Detector(Policy.default()), conversation))

    assert found is not None
    assert (found.turn_index, found.reasons[0].signal) == (1, "human_request")

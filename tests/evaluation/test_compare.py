"""Two policies on the same conversations: what differs, when, why, and whether it is better."""

import pytest

from handoff.detection import Detector, Policy
from handoff.detection.replay import Change, cause
from handoff.domain.turn import Conversation, Turn
from handoff.evaluation.compare import Compared, by_job, compare, compared, tally
from handoff.evaluation.gold import Case, Gold
from tests.evaluation.staged import played

HEAD = "schema: handoff-policy/1\nname: mine\n"
REFUND = f"""{HEAD}rules:
  - {{id: refunds, when: 'turn.text.contains("refund")', then: escalate, reason: policy}}
"""


def found(old: str, new: str, **outcome: bool) -> Compared:
    """Return the comparison of two lines of decisions in one conversation."""
    before, after = played("cbcb", old, job="a"), played("cbcb", new, job="a")
    gold = Gold(dict(outcome)) if outcome else None
    return compared(Case(before.conversation, "mine", gold), before, after)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("----", "--E-", Change.ONLY_NEW),
        ("--E-", "----", Change.ONLY_OLD),
        ("--E-", "E---", Change.EARLIER),
        ("E---", "--E-", Change.LATER),
        ("E---", "E--E", Change.SAME),
        ("----", "o---", Change.NEVER),
    ],
)
def test_the_first_escalation_tells_the_change(old: str, new: str, change: Change) -> None:
    """Later escalations and offers differ by turn only."""
    one = found(old, new)

    assert one.change is change
    assert one.differs
    assert [turn.turn for turn in one.turns] == [
        place for place, pair in enumerate(zip(old, new, strict=True)) if len({*pair}) == 2
    ]


def test_another_rule_on_the_same_turn_is_another_reason() -> None:
    """Same turn, other why."""
    conversation = Conversation(
        conversation_id="c",
        turns=(
            Turn(turn_id="1", role="customer", text="Let me talk to a human: my refund", index=0),
        ),
    )
    [one] = compare([Case(conversation)], Detector(Policy.default()), Detector(Policy.load(REFUND)))

    assert one.change is Change.OTHER_REASON
    assert one.old is not None
    assert one.new is not None
    assert (cause(one.old)[1], cause(one.new)) == (
        "customer-asks",
        ("policy", "refunds", "refunds"),
    )
    assert one.differs
    assert one.turns == ()


def test_a_shadow_rule_is_told_and_does_nothing() -> None:
    """Its effect is counted by conversation."""
    shadow = Detector(Policy.load(REFUND.replace("then: escalate", "then: escalate, mode: shadow")))
    turns = tuple(Turn(turn_id=str(n), role="customer", text="a refund", index=n) for n in range(3))
    [one] = compare([Case(Conversation(conversation_id="c", turns=turns))], shadow, shadow)

    assert one.new is None
    assert not one.differs
    assert tally([one]).shadow == {"refunds": 1}


def test_sums_tell_who_is_right() -> None:
    """Precision and recall of both, by whether the conversation was escalated."""
    sums = tally(
        [
            found("E---", "E---", handed_off=True),
            found("----", "-E--", handed_off=True),
            found("E---", "----", handed_off=False),
        ]
    )

    assert (sums.old_escalated, sums.new_escalated) == (2, 2)
    assert sums.old is not None
    assert sums.new is not None
    assert (sums.old.precision, sums.old.recall) == (0.5, 0.5)
    assert (sums.new.precision, sums.new.recall) == (1.0, 1.0)
    assert sums.reasons == {"bot_stuck": 2}


def test_gold_is_optional_and_jobs_are_apart() -> None:
    """Plain conversations compare as well, say those that a service remembers."""
    groups = by_job([found("E---", "----"), found("----", "----")])

    assert list(groups) == [("mine", "a")]
    assert groups["mine", "a"].changes == {Change.ONLY_OLD: 1, Change.NEVER: 1}
    assert (groups["mine", "a"].old, groups["mine", "a"].new) == (None, None)

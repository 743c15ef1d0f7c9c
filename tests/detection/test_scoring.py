"""When the score may act, and what stands above it: danger, complaints, hysteresis."""

import pytest

from handoff.detection import Detector, Policy
from tests.detection.spoken import actions, decisions, policy
from tests.signals.played import bot, customer, tool

DANGER = customer("help", intent="emergency")
COMPLAINT = customer("hello", intent="complaint")
FAILS = tool("pay", ok=False)
FORBID = {"id": "gate", "when": "true", "then": "forbid"}


def test_danger_escalates_without_a_rule_and_within_the_cool_down() -> None:
    """No limit holds it back, and it is named first."""
    detector = Detector(policy(rules=[FORBID], signals={"vulnerable": {"weight": 0.0}}))

    told = decisions(detector, [DANGER, bot("Stay on the line."), DANGER])

    assert [each.action.value[0] for each in told] == [*"ece"]
    assert told[0].reason_code == "safety_emergency"
    assert told[0].reasons[0].signal == "vulnerable"


def test_the_rule_about_danger_says_where_to_and_how_urgent() -> None:
    """Another rule that holds on the same turn does not."""
    asks = {"id": "asks", "when": "signals.human_request > 0.5", "then": "escalate", "priority": 4}
    rule = {"id": "danger", "when": "signals.vulnerable > 0.5", "then": "escalate", "priority": 1}
    said = customer("get me a human", intent="emergency")

    (decision,) = decisions(Detector(policy(rules=[asks, rule])), [said])

    assert (decision.priority, decision.reasons[0].rule) == (1, "danger")


def test_a_gate_never_holds_back_a_complaint() -> None:
    """It may be regulated; what comes next is another question."""
    rule = {"id": "c", "when": "signals.legal_or_complaint > 0.5", "then": "escalate"}

    assert actions(Detector(policy(rules=[rule, FORBID])), [COMPLAINT]) == ["e"]


@pytest.mark.parametrize(("rearm_at", "acts"), [(1.0, "ee"), (0.1, "ec"), (None, "ec")])
def test_the_score_acts_again_only_after_it_has_fallen(rearm_at: float, acts: str) -> None:
    """Otherwise one trouble would open escalation after escalation as the cool-down ends."""
    score = {"bias": 0.5, "offer_at": 0.6, "escalate_at": 0.75, "cool_down": 0}
    detector = Detector(
        policy(score=score if rearm_at is None else {**score, "rearm_at": rearm_at})
    )

    assert "".join(actions(detector, [FAILS, FAILS])) == acts


def test_the_score_acts_again_once_it_has_fallen() -> None:
    """Progress made it fall; the next trouble counts."""
    detector = Detector(policy(score={"escalate_at": 0.5, "cool_down": 0, "rearm_at": 0.2}))
    helped = [customer("it is 17", slots={"order": "17"}), tool("other", ok=True)]
    helped += [customer("and now")] * 6

    told = actions(detector, [FAILS, FAILS, FAILS, *helped, FAILS, FAILS, FAILS])

    assert (told[2], told[11], told.count("e")) == ("e", "e", 2)


def test_a_job_done_is_progress() -> None:
    """The customer says so; what had piled up fades."""
    scores = [
        decision.score
        for decision in decisions(
            Detector(Policy.default()), [FAILS, FAILS, customer("great thank you so much")]
        )
    ]

    assert scores[2] < scores[1] / 2

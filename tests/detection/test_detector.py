"""The detector: decisions, offers, cool-down, gates, jobs, humans."""

import pytest

from handoff.detection import Detector, Policy
from tests.detection.spoken import actions, decisions, policy
from tests.signals.played import bot, customer, human, tool

ASKS = customer("I want to talk to a person")
FAILS = tool("pay", ok=False)
DEFAULT = Detector(Policy.default())


def ruled(when: str, then: str = "escalate", **more) -> dict:
    """Return a rule as a policy file has it."""
    return {"id": f"{then}-rule", "when": when, "then": then, **more}


def test_an_explicit_request_escalates_at_once() -> None:
    """The decision carries the full evidence."""
    (decision,) = decisions(DEFAULT, [ASKS])

    (reason,) = decision.reasons
    assert decision.action == "escalate"
    assert decision.reason_code == "customer_requests_human_no_specific_reason"
    assert (decision.queue, decision.policy) == ("general", Policy.default().label)
    assert (reason.signal, reason.rule, reason.turns) == ("human_request", "customer-asks", (0,))
    assert decision.score >= Policy.default().document.score.escalate_at


def test_escalate_stands_once_until_the_cool_down_is_over() -> None:
    """Asking again and again opens nothing more for twelve turns."""
    assert actions(DEFAULT, [ASKS] * 15) == [*"ecccccccccccce", "c"]


def test_asking_how_offers_once_and_the_second_time_escalates() -> None:
    """Each kind of answer is given once."""
    asked = customer("how do I contact you")

    assert actions(DEFAULT, [asked, bot("By phone."), asked]) == [*"oce"]


def test_the_bots_tool_call_escalates() -> None:
    """The bot asked for a person."""
    (decision,) = decisions(DEFAULT, [tool("transfer_to_human", ok=None)])

    assert (decision.action, decision.reason_code) == ("escalate", "bot_requested")


def test_a_tool_that_keeps_failing_escalates() -> None:
    """The third failure in a row is a rule; every failure is cited."""
    told = decisions(DEFAULT, [FAILS] * 3)

    assert [decision.action for decision in told] == ["continue", "continue", "escalate"]
    assert told[-1].reason_code == "tool_failed"
    assert told[-1].reasons[0].turns == (0, 1, 2)


def test_signals_add_up_to_an_escalation_without_a_rule() -> None:
    """Reasons of the score name no rule and come largest first."""
    stuck = [customer("where is my parcel"), bot("It is on its way.")] * 6

    told = decisions(DEFAULT, stuck)

    decision = next(each for each in told if each.action == "escalate")
    assert [reason.rule for reason in decision.reasons] == [None, None]
    assert [reason.signal for reason in decision.reasons] == ["bot_loop", "repeat_request"]
    assert decision.reason_code == "bot_stuck"
    assert "offer" in [each.action for each in told]


def test_a_bot_that_says_the_same_is_offered_out_of_and_then_stopped() -> None:
    """A fifth time asks the customer, a sixth one escalates, whatever they said in between."""
    asked = bot("How would you like to travel today, by car or by train?")
    heard = [customer(text) for text in ("hello", "to the sea", "mister", "lebanon", "ok", "yes")]
    played = [turn for pair in zip([asked] * 6, heard, strict=True) for turn in pair]

    told = decisions(DEFAULT, played)

    assert [
        (at, decision.action, decision.reasons[0].rule)
        for at, decision in enumerate(told)
        if decision.action != "continue"
    ] == [(8, "offer", "bot-loops"), (10, "escalate", "bot-stuck")]


def test_repeating_alone_never_escalates() -> None:
    """It is a feature, not a trigger."""
    assert "e" not in actions(DEFAULT, [customer("where is my parcel")] * 40)


def test_the_score_falls_with_progress_and_with_time() -> None:
    """It never latches."""
    turns = [FAILS, FAILS, customer("blue", slots={"colour": "blue"}), *[customer("hm")] * 5]

    scores = [decision.score for decision in decisions(DEFAULT, turns)]

    assert scores[0] < scores[1]
    assert scores[1:] == sorted(scores[1:], reverse=True)
    assert scores[-1] < 0.1 < scores[1]


def test_a_turn_that_may_be_revised_counts_once() -> None:
    """The state is as if only the final one had come; it consumes no index."""
    partial = customer("where is my", final=False, revision=1)
    said = customer("where is my parcel")
    state = DEFAULT.start()

    between, waiting = DEFAULT.observe(state, partial)

    assert (between, waiting.action) == (state, "continue")
    assert DEFAULT.observe(between, said) == DEFAULT.observe(state, said)


def test_under_secure_capture_nothing_is_kept() -> None:
    """No digits in the state, in slots or in words; the slot still counts as filled."""
    turn = customer("4111 1111 1111 1111", slots={"card": "4111111111111111"}, secure_capture=True)

    state, _ = DEFAULT.observe(DEFAULT.start(), turn)

    assert "4111" not in str(state)
    assert state["slots"] == {"card": "***"}


def test_while_a_human_has_the_floor_nothing_is_judged() -> None:
    """When the bot is back it starts afresh, free to escalate again."""
    turns = [ASKS, human("Hello"), ASKS, FAILS, FAILS, FAILS, bot("I am back"), FAILS, ASKS]

    assert actions(DEFAULT, turns) == [*"eccccccce"]


def test_index_is_as_told_else_by_order_of_arrival() -> None:
    """Evidence cites it."""
    told = decisions(DEFAULT, [customer("hi", index=7), ASKS])

    assert [decision.turn_index for decision in told] == [7, 8]
    assert told[1].reasons[0].turns == (8,)


def test_inform_changes_the_job_and_adds_attributes() -> None:
    """What is not told stays; the state given is not changed."""
    state = DEFAULT.start(job="a", attributes={"tier": "gold"})

    informed = DEFAULT.inform(state, job="b", attributes={"vip": True})

    assert (state["job"], state["attributes"]) == ("a", {"tier": "gold"})
    assert (informed["job"], informed["attributes"]) == ("b", {"tier": "gold", "vip": True})


@pytest.mark.parametrize(
    ("when", "acts"),
    [
        ('slots.amount > 100 && job == "pay"', True),
        ('attributes.tier == "basic" && turn.intent == "cancel"', True),
        ("score > 0.5", False),
        ('signals.human_request == 0.0 && turn.text.contains("cancel")', True),
        ("signals.exists(name, signals[name] > 0.0)", False),
        ("slots.missing > 3", False),
        ("turn.confidence > 0.5", False),
        ("slots.amount", False),
    ],
)
def test_conditions_see_the_whole_moment(when: str, acts: bool) -> None:
    """A condition that errs counts as false and is shown."""
    detector = Detector(policy(rules=[ruled(when)]))
    turn = customer("cancel it", intent="cancel", slots={"amount": 500})

    _, decision = detector.observe(detector.start(job="pay", attributes={"tier": "basic"}), turn)

    assert (decision.action == "escalate") is acts
    erring = any(word in when for word in ("missing", "confidence")) or when == "slots.amount"
    assert [error.partition(":")[0] for error in decision.errors] == ["escalate-rule"] * erring


def test_a_rule_over_no_signal_speaks_for_itself() -> None:
    """Its id stands as the signal, with the code and the queue it names."""
    rule = ruled(
        "slots.amount > 100", reason="specialized_department_required", queue="big", priority=3
    )
    queues = {"general": {}, "big": {"connectors": ["desk"]}}
    detector = Detector(policy(rules=[rule], routing={"queues": queues}))

    (decision,) = decisions(detector, [customer("pay", slots={"amount": 500})])

    (reason,) = decision.reasons
    assert (reason.signal, reason.rule, reason.value) == ("escalate-rule", "escalate-rule", True)
    assert decision.reason_code == "specialized_department_required"
    assert (decision.queue, decision.priority) == ("big", 3)


def test_a_shadow_rule_is_recorded_and_does_not_act() -> None:
    """Its reasons stand apart."""
    detector = Detector(policy(rules=[ruled("slots.amount > 100", mode="shadow")]))

    (decision,) = decisions(detector, [customer("pay", slots={"amount": 500})])

    assert (decision.action, decision.reasons) == ("continue", ())
    assert [reason.rule for reason in decision.shadow] == ["escalate-rule"]


@pytest.mark.parametrize(
    "gate",
    [
        ruled('job == "collecting"', "forbid"),
        ruled('slots.order_id != ""', "require"),
    ],
)
def test_a_gate_delays_an_escalation_once(gate: dict) -> None:
    """It names itself; the customer's next turn ends the wait though the gate still stands."""
    rules = [ruled("signals.tool_failure > 0.0", reason="tool_failed"), gate]
    detector = Detector(policy(rules=rules, score={"cool_down": 0}))
    state = detector.start(job="collecting")

    told = decisions(detector, [FAILS, bot("Your order number?"), customer("hm"), FAILS], state)

    assert [each.action.value for each in told] == ["continue", "continue", "escalate", "escalate"]
    assert told[0].reasons[0].signal == gate["id"]
    assert told[2].reason_code == "tool_failed"
    assert told[2].reasons[0].turns == (0, 2)


def test_a_gate_never_holds_back_an_explicit_request() -> None:
    """The customer's word stands above it."""
    rules = [ruled("signals.human_request > 0.9"), ruled("true", "forbid")]

    assert actions(Detector(policy(rules=rules)), [ASKS]) == ["e"]


def test_a_gate_that_is_open_delays_nothing() -> None:
    """What it requires is known."""
    rules = [ruled("signals.tool_failure > 0.0"), ruled('slots.order_id != ""', "require")]
    known = customer("it is 17", slots={"order_id": "17"})

    assert actions(Detector(policy(rules=rules)), [known, FAILS]) == [*"ce"]


def test_jobs_override_settings_scores_rules_and_queue() -> None:
    """Another job is not touched."""
    detector = Detector(
        policy(
            rules=[ruled("signals.tool_failure > 0.0", jobs=["pay"])],
            jobs={"pay": {"signals": {"tool_failure": {"threshold": 2}}, "queue": "money"}},
            routing={"queues": {"general": {}, "money": {}}},
        )
    )

    paying = decisions(detector, [FAILS, FAILS], detector.start(job="pay"))
    asking = decisions(detector, [FAILS, FAILS], detector.start(job="ask"))

    assert [each.action.value for each in paying] == ["continue", "escalate"]
    assert [each.action.value for each in asking] == ["continue", "continue"]
    assert paying[1].queue == "money"


def test_a_disabled_signal_is_silent() -> None:
    """It neither fires nor moves the score."""
    detector = Detector(policy(signals={"tool_failure": {"enabled": False}}))
    calls = [tool("pay", ok=False, amount=n) for n in range(5)]

    told = decisions(detector, calls)

    assert {decision.score for decision in told} == {told[0].score}


def test_a_shadow_rule_is_recorded_once() -> None:
    """It would hold on every turn from then on: the first tells all, and the rest is bounded."""
    detector = Detector(policy(rules=[ruled("turn.index >= 1", mode="shadow")]))

    told = decisions(detector, [customer("a"), customer("b"), customer("c")])

    assert [len(decision.shadow) for decision in told] == [0, 1, 0]

"""What an escalation is for, and who is let in when many come for the same."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.decision import Action, Decision, Reason
from handoff.domain.incident import (
    ASKING,
    EXEMPT_REASONS,
    EXEMPT_SIGNALS,
    FAILING,
    OF_THE_CUSTOMER,
    SAYING_NOTHING,
    Cause,
    Limits,
    breaks_out,
    cause_of,
    exempt,
    slot,
    title,
)
from handoff.domain.reasons import REASONS
from handoff.signals import SIGNALS
from tests.factories import NOON

TOOLS = {2: "get_order", 5: "pay"}
WINDOW = timedelta(seconds=300)
LIMITS = Limits(WINDOW, incident_at=10, above_usual=3.0)


def because(signal: str, rule: str | None = None, turns: tuple[int, ...] = (1,)) -> Reason:
    """Return evidence."""
    return Reason(signal, rule, 0.9, None, None, turns)


def decided(*reasons: Reason, code: str = "bot_stuck") -> Decision:
    """Return a decision to escalate."""
    return Decision(Action.ESCALATE, 0.9, reasons, reason_code=code)


CAUSES = [
    (decided(because("tool_failure", "keeps-failing", (1, 2))), "tool:get_order"),
    (decided(because("no_progress"), because("tool_loop", None, (5, 6))), "tool:pay"),
    (decided(because("vip", "vip")), "rule:vip"),
    (decided(because("bot_loop")), "signal:bot_loop:refund"),
    (decided(because("bot_request"), because("bot_loop")), "signal:bot_loop:refund"),
    (decided(because("tool_failure", None, (9,))), "signal:tool_failure:refund"),
    (
        decided(because("bot_request"), code="complex_billing_dispute"),
        "reason:complex_billing_dispute",
    ),
]


@pytest.mark.parametrize(("decision", "key"), CAUSES)
def test_the_cause_is_the_strongest_evidence_or_the_tool_that_fails(
    decision: Decision, key: str
) -> None:
    """The same for every escalation of its kind."""
    assert cause_of(decision, "refund", TOOLS.get) == Cause(key, limited=True)


@pytest.mark.parametrize("code", sorted(SAYING_NOTHING))
def test_asking_alone_is_no_cause(code: str) -> None:
    """That somebody asks says nothing of why."""
    assert cause_of(decided(because("bot_request"), code=code), None, TOOLS.get) is None


def test_who_asks_for_a_person_is_counted_where_a_tool_failed_and_never_limited() -> None:
    """The customer's word is enough."""
    asks = because("human_request", "customer-asks")
    tired = decided(asks, because("no_progress"))
    failed = decided(asks, because("tool_failure", None, (2,)))

    assert cause_of(tired, None, TOOLS.get) is None
    assert cause_of(failed, None, TOOLS.get) == Cause("tool:get_order", limited=False)


@pytest.mark.parametrize("signal", sorted(EXEMPT_SIGNALS))
def test_safety_has_no_cause_that_could_limit_it(signal: str) -> None:
    """Neither by its evidence nor by its reason, whatever stands before it."""
    beside = decided(because("tool_failure", None, (2,)), because(signal))

    assert exempt(beside)
    assert cause_of(beside, None, TOOLS.get) is None
    for code in EXEMPT_REASONS:
        assert code in REASONS
        assert (
            cause_of(decided(because("tool_failure", None, (2,)), code=code), None, TOOLS.get)
            is None
        )


def test_safety_is_what_the_signals_call_so() -> None:
    """Their names are those of signals, and each one's own reason has the same right."""
    reasons = {signal.name: signal.reason for signal in SIGNALS}

    assert reasons.keys() >= EXEMPT_SIGNALS | FAILING | OF_THE_CUSTOMER | ASKING
    assert {reasons[name] for name in EXEMPT_SIGNALS} <= EXEMPT_REASONS
    assert {reasons[name] for name in OF_THE_CUSTOMER} <= SAYING_NOTHING


def test_a_name_from_outside_stays_one_bounded_line() -> None:
    """A key is compared, shown and indexed."""
    cause = cause_of(decided(because("tool_failure", None, (1,))), None, lambda _: "a\n" * 900)

    assert cause is not None
    assert len(cause.key) < 120
    assert "\n" not in cause.key


@pytest.mark.parametrize(
    ("cause", "clause"),
    [
        ("tool:get_order", "get_order fails"),
        ("rule:vip", "the rule vip applies"),
        ("signal:bot_loop:-", "of bot loop"),
        ("signal:bot_loop:order_status", "of bot loop in order status"),
        ("reason:complex_billing_dispute", "of “A billing dispute the bot may not settle”"),
    ],
)
def test_a_title_follows_because(cause: str, clause: str) -> None:
    """As the banner says it."""
    assert title(cause) == clause


def test_what_goes_on_all_day_is_no_incident() -> None:
    """Ten are many where four are usual, not where forty are."""
    assert not breaks_out(9, 0, LIMITS)
    assert breaks_out(10, 0, LIMITS)
    assert breaks_out(12, 12 * 4, LIMITS)
    assert not breaks_out(11, 12 * 4, LIMITS)


@given(
    gaps=st.lists(st.integers(0, 400), min_size=1, max_size=60),
    capacity=st.integers(1, 8),
    before=st.integers(0, 12),
)
def test_no_window_holds_more_than_the_capacity(
    gaps: list[int], capacity: int, before: int
) -> None:
    """However they come, and however many were let in before; nobody overtakes."""
    taken = [NOON] * before
    at = NOON
    for gap in gaps:
        at += timedelta(seconds=gap)
        given_slot = slot(taken[::-1][:capacity], capacity, WINDOW, at)
        assert given_slot >= at
        assert not taken or given_slot >= taken[-1]
        taken.append(given_slot)

    for last in range(max(before, capacity), len(taken)):
        assert taken[last] - taken[last - capacity] >= WINDOW


@given(capacity=st.integers(1, 50), count=st.integers(1, 100))
def test_those_held_come_one_by_one(capacity: int, count: int) -> None:
    """A queue that was filled at once is not filled at once again."""
    taken = [NOON] * capacity
    for _ in range(count):
        taken.append(slot(taken[::-1][:capacity], capacity, WINDOW, NOON))

    held = taken[capacity:]
    assert all(b - a >= WINDOW / capacity for a, b in pairwise(held))

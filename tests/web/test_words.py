"""Durations and times on pages."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from handoff.domain.escalation import Leg, State
from handoff.web.words import (
    between,
    clock,
    counted,
    day_and_time,
    iso,
    next_event,
    span,
    waited,
)
from tests import factories
from tests.factories import NOON


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_900, "1 h 05 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_duration(seconds: float, words: str) -> None:
    """Two units at most, and nothing negative where clocks disagree."""
    assert span(seconds) == words


def test_no_duration_without_both_ends() -> None:
    """What is not over has no length."""
    assert between(NOON, None) == ""
    assert between(NOON, NOON + timedelta(minutes=2)) == "2 min"


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, tzinfo=timezone(timedelta(hours=-14))) + timedelta(hours=23),
        datetime(2026, 1, 1),  # noqa: DTZ001 # what is tested: no offset
        datetime(2026, 1, 1, tzinfo=UTC),
    ],
)
def test_any_instant_can_be_shown(at: datetime) -> None:
    """The ends of the calendar and instants without an offset fail no page."""
    assert clock(at) in ("00:00:00", "23:00:00")
    assert str(at.year) in day_and_time(at)
    assert iso(at).endswith("+00:00")


def test_counted_things() -> None:
    """One and many."""
    assert (counted(1, "turn"), counted(2, "turn")) == ("1 turn", "2 turns")


def test_what_happens_by_itself() -> None:
    """Each open state's timer in words; a leg that is up renews itself."""
    due = NOON + timedelta(minutes=2)
    active = factories.escalation(state=State.ACTIVE, due_at=due)
    on_line = factories.escalation(
        state=State.ACTIVE, due_at=due, legs=(Leg("l1", "bridged", NOON),)
    )
    queued = factories.escalation(due_at=due)

    held = factories.escalation(state=State.RESERVED, due_at=due)

    assert next_event(active, NOON) == "goes back to the queue in 2 min if nothing is said"
    assert next_event(on_line, NOON) == "on the line"
    assert next_event(held, NOON) == "held until 12:02:00 UTC"
    assert next_event(queued, NOON) == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.QUEUED, "9 min so far"),
        (State.RESERVED, "9 min so far"),
        (State.DEFERRED, "9 min so far"),
        (State.ABANDONED, "9 min so far"),
        (State.ACTIVE, "2 min"),
        (State.CLOSED, "2 min"),
    ],
)
def test_who_is_queued_again_waits_still(state: State, words: str) -> None:
    """That somebody had accepted once ends no waiting."""
    accepted = NOON + timedelta(minutes=2)
    escalation = factories.escalation(state=state, queued_at=NOON, accepted_at=accepted)

    assert waited(escalation, NOON + timedelta(minutes=9)) == words

"""What an engine holds: how much of it an account may be that takes its time."""

from dataclasses import dataclass, replace

import pytest

from handoff.jobs.held import SLOW_S, Held
from tests.factories import NOON, TENANT, delivery

SLOW = (TENANT, "webhook")


@dataclass
class Seconds:
    """A clock that a test moves."""

    at: float = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    """Return a clock at its beginning."""
    return Seconds()


@pytest.fixture
def held(seconds: Seconds) -> Held:
    """Return what holds three deliveries to one account."""
    made = Held(seconds)
    for token in "abc":
        made.add(replace(delivery(connector="webhook"), attempt_token=token))
    return made


def test_of_an_account_that_answers_at_once_all_may_be_taken(held: Held, seconds: Seconds) -> None:
    """Nothing is known of one that was never asked, either."""
    before = held.rooms(2)
    held.begin("a")
    seconds.at += SLOW_S / 2
    held.end("a")

    assert before == held.rooms(2) == {}


def test_a_slow_answer_bounds_what_is_held_of_its_account(held: Held, seconds: Seconds) -> None:
    """Until one comes fast again."""
    for token, took in (("a", SLOW_S), ("b", 0.0)):
        held.begin(token)
        seconds.at += took
        held.end(token)
        if token == "a":
            assert held.rooms(6) == {SLOW: 4}
            assert held.rooms(1) == {SLOW: 0}

    assert held.rooms(6) == {}


def test_one_that_is_still_waited_for_is_slow_already(held: Held, seconds: Seconds) -> None:
    """A receiver that hangs is known before its deadline."""
    held.begin("a")
    seconds.at += SLOW_S

    assert held.rooms(6) == {SLOW: 3}


def test_what_was_left_at_a_stop_counts_no_more(held: Held, seconds: Seconds) -> None:
    """Though it is still being sent."""
    held.begin("a")
    held.close(0.0, lambda: NOON)
    seconds.at += SLOW_S

    assert held.rooms(6) == {}

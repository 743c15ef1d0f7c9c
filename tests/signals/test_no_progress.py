"""Nothing moves."""

from handoff.signals.no_progress import SIGNAL
from tests.signals.played import customer, last, play, tool

FILLED = customer("Leeds", slots={"town": "Leeds"})


def test_six_customer_turns_without_progress_fire() -> None:
    """It cites the first turn since progress and the newest."""
    told = play(SIGNAL, [FILLED, *[customer("hm")] * 6])

    assert [each is not None for each in told] == [False] * 6 + [True]
    assert told[-1] is not None
    assert (told[-1].value, told[-1].turns) == (6, (1, 6))


def test_a_slot_or_a_tool_that_works_starts_again() -> None:
    """A failed call is no progress; a successful one is."""
    talk = [customer("hm")] * 5

    assert last(SIGNAL, FILLED, *talk, tool("pay", ok=True), *talk) is None
    assert last(SIGNAL, FILLED, *talk, tool("pay", ok=False), *talk) is not None


def test_the_same_slot_again_is_no_progress() -> None:
    """Only a slot that was empty counts."""
    assert last(SIGNAL, FILLED, *[FILLED] * 6) is not None


def test_a_runtime_without_slots_and_tools_is_not_judged() -> None:
    """Nothing can be known of its progress."""
    assert last(SIGNAL, *[customer("hm")] * 30) is None

"""Slow turns."""

from handoff.signals.latency import SIGNAL
from tests.signals.played import bot, last, play

SLOW, FAST = bot("a", latency_ms=6_000.4), bot("b", latency_ms=900)


def test_two_slow_turns_fire() -> None:
    """The newest is the value."""
    evidence = last(SIGNAL, SLOW, FAST, SLOW)

    assert evidence is not None
    assert (evidence.value, evidence.threshold, evidence.turns) == (6_000, 4_000, (0, 2))


def test_one_slow_turn_now_and_then_is_nothing() -> None:
    """Six measured turns are remembered."""
    assert play(SIGNAL, [SLOW, *[FAST] * 6] * 3) == [None] * 21


def test_what_is_not_measured_is_not_judged() -> None:
    """The budget is a setting."""
    assert last(SIGNAL, *[bot("a")] * 4) is None
    assert last(SIGNAL, SLOW, SLOW, threshold=10_000) is None

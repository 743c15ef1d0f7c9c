"""The same call fails alike."""

from handoff.signals.tool_loop import SIGNAL
from tests.signals.played import last, play, tool


def test_the_same_failure_twice_fires() -> None:
    """Order of arguments does not matter."""
    evidence = last(SIGNAL, tool("pay", False, a=1, b=2), tool("pay", False, b=2, a=1))

    assert evidence is not None
    assert (evidence.value, evidence.turns) == ("pay", (0, 1))


def test_other_arguments_are_another_try() -> None:
    """They are left to `tool_failure`."""
    assert play(SIGNAL, [tool("pay", False, a=n) for n in range(6)]) == [None] * 6


def test_success_forgives() -> None:
    """Of the same tool only."""
    failed = tool("pay", False, a=1)

    assert last(SIGNAL, failed, tool("pay", True), failed) is None
    assert last(SIGNAL, failed, tool("look", True), failed) is not None


def test_an_unknown_outcome_is_no_failure() -> None:
    """Nothing is known of it."""
    assert last(SIGNAL, *[tool("pay", None)] * 4) is None

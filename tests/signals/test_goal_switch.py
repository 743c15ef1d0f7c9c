"""Jumping between goals."""

from handoff.signals.goal_switch import SIGNAL
from tests.signals.played import customer, last, play, tool


def wants(*intents: str) -> list[object]:
    """Return a turn per intent."""
    return [customer("well", intent=intent) for intent in intents]


def test_the_third_change_fires() -> None:
    """None was finished."""
    evidence = last(SIGNAL, *wants("refund", "address", "refund", "invoice"))

    assert evidence is not None
    assert (evidence.value, evidence.turns) == (3, (1, 2, 3))


def test_progress_between_starts_again() -> None:
    """What was done is done."""
    turns = wants("refund", "address", "invoice")

    assert play(SIGNAL, [*turns, tool("pay", True), *wants("login", "refund")])[-1] is None


def test_everyday_acts_and_staying_are_no_change() -> None:
    """ "Yes" is no goal."""
    turns = wants(*["refund", "affirm", "inform", "refund", "thank", "refund", "deny", "refund"])

    assert play(SIGNAL, turns) == [None] * 8

"""Answers that are too long."""

import pytest

from handoff.signals.long_answers import SIGNAL
from tests.signals.played import bot, customer, last


@pytest.mark.parametrize(("size", "strength"), [(525, 0.5), (700, 1.0), (9_000, 1.0)])
def test_a_long_answer_fires(size: int, strength: float) -> None:
    """The longer the stronger, up to the double."""
    evidence = last(SIGNAL, bot("a" * size))

    assert evidence is not None
    assert (evidence.strength, evidence.value, evidence.turns) == (strength, size, (0,))


def test_shorter_ones_and_the_customers_do_not() -> None:
    """What was broken off was not that long."""
    assert last(SIGNAL, bot("a" * 350)) is None
    assert last(SIGNAL, bot("a" * 900, heard="a" * 90)) is None
    assert last(SIGNAL, customer("a" * 900)) is None


def test_it_is_not_enough_by_itself() -> None:
    """At its default weight the score stays below an offer."""
    assert SIGNAL.settings["weight"].default <= 3.0

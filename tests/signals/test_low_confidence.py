"""The runtime is unsure."""

import pytest

from handoff.signals.low_confidence import SIGNAL
from tests.signals.played import bot, customer, last


@pytest.mark.parametrize("field", ["confidence", "recognition_confidence"])
def test_two_unsure_turns_in_a_row_fire(field: str) -> None:
    """Either the intent's or the recogniser's confidence counts."""
    evidence = last(SIGNAL, customer("a", **{field: 0.2}), bot("?"), customer("b", **{field: 0.1}))

    assert evidence is not None
    assert (evidence.threshold, evidence.turns) == (0.4, (0, 2))


def test_one_unsure_turn_is_normal() -> None:
    """Smoothing carries over one bad turn."""
    assert last(SIGNAL, *[customer("a", confidence=0.9)] * 3, customer("b", confidence=0.2)) is None


def test_a_low_smoothed_confidence_fires_without_a_run() -> None:
    """Bad, a little better, bad again."""
    values = [0.1, 0.45, 0.1]

    evidence = last(SIGNAL, *[customer("a", confidence=value) for value in values])

    assert evidence is not None
    assert evidence.turns == (2,)


def test_a_sure_turn_ends_it() -> None:
    """Confidence back, nothing said."""
    assert last(SIGNAL, *[customer("a", confidence=0.1)] * 3, customer("b", confidence=0.9)) is None


def test_unknown_confidence_says_nothing() -> None:
    """Most runtimes report none."""
    assert last(SIGNAL, *[customer("a")] * 5) is None

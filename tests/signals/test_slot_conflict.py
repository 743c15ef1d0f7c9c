"""Values that change back and forth."""

from handoff.signals.slot_conflict import SIGNAL
from tests.signals.played import customer, last, play


def given(value: object) -> object:
    """Return a turn that gives a date."""
    return customer("then", slots={"date": value})


def test_back_and_forth_fires() -> None:
    """A, B, A."""
    evidence = last(SIGNAL, given("Monday"), given("Tuesday"), given("monday"))

    assert evidence is not None
    assert (evidence.value, evidence.turns) == ("date", (1, 2))


def test_a_third_value_fires_less() -> None:
    """A, B, C."""
    third = last(SIGNAL, given(1), given(2), given(3))
    back = last(SIGNAL, given(1), given(2), given(1))

    assert third is not None
    assert back is not None
    assert third.strength < back.strength


def test_one_correction_and_repeating_are_nothing() -> None:
    """Nor are empty values, nor how a value is written."""
    turns = [given("Monday"), given("MONDAY"), given(None), given("Monday"), given("Tuesday")]

    assert play(SIGNAL, turns) == [None] * 5


def test_values_kept_back_are_not_compared() -> None:
    """Secure capture."""
    secret = [customer(slots={"pin": n}, secure_capture=True) for n in range(5)]

    assert play(SIGNAL, secret) == [None] * 5

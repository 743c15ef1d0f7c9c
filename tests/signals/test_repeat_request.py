"""The customer says it again."""

import pytest

from handoff.signals.repeat_request import SIGNAL
from tests.signals.played import bot, customer, last, tool

REPEATS = [
    ("Where is my refund?", "I asked where my refund is"),
    ("where is my refund", "wheres my refnud"),
    ("CMU", "cmu."),
    ("I need to change the address on my order", "please change my order's address"),
]
OTHERS = [
    ("Where is my refund", "Where is my parcel"),
    ("I want to cancel my flight", "I want to change my hotel"),
    ("yes", "yes"),
    ("order 1234", "order 1235"),
    ("thank you very much", "thank you"),
]


@pytest.mark.parametrize(("first", "again"), REPEATS)
def test_the_same_request_in_other_words_is_a_repeat(first: str, again: str) -> None:
    """Both turns are cited."""
    evidence = last(SIGNAL, customer(first), bot("Hm."), customer(again))

    assert evidence is not None
    assert (evidence.value, evidence.turns) == (1, (0, 2))


@pytest.mark.parametrize(("first", "other"), OTHERS)
def test_another_request_in_the_same_frame_is_none(first: str, other: str) -> None:
    """Only words that carry meaning are compared."""
    assert last(SIGNAL, customer(first), bot("Hm."), customer(other)) is None


def test_repeats_in_a_row_grow_stronger() -> None:
    """The third time weighs more than the second."""
    asked = [customer("where is my refund")]

    second, third = last(SIGNAL, *asked * 2), last(SIGNAL, *asked * 3)

    assert second is not None
    assert third is not None
    assert (second.strength, third.strength) == pytest.approx((0.4, 0.64))


def test_progress_forgets_what_was_said() -> None:
    """To ask again after something was done is another request."""
    asked = customer("where is my refund")

    assert last(SIGNAL, asked, tool("find_refund", ok=True), asked) is None

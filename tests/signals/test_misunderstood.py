"""Corrections."""

import pytest

from handoff.signals.misunderstood import SIGNAL
from tests.signals.played import bot, customer, last, play


@pytest.mark.parametrize(
    "text", ["No, that's not what I asked", "I already told you", "You misunderstood me"]
)
def test_a_correction_fires_and_a_second_is_stronger(text: str) -> None:
    """The words are shown."""
    wrong = customer(text)

    once, _, twice = play(SIGNAL, [wrong, bot("Ok."), wrong])

    assert once is not None
    assert twice is not None
    assert 0.4 < once.strength < twice.strength
    assert twice.turns == (0, 2)


def test_asking_again_counts_half() -> None:
    """The line may be bad."""
    again = customer("could you repeat that please")

    told = play(SIGNAL, [again, bot("Turn left."), again])

    assert told[0] is None
    assert told[2] is not None


def test_what_lies_long_back_does_not_add_up() -> None:
    """Twenty turns."""
    wrong = customer("that's not what I asked")

    evidence = last(SIGNAL, wrong, *[bot("ok")] * 24, wrong)

    assert evidence is not None
    assert evidence.turns == (25,)


def test_the_bots_words_and_plain_ones_do_not_fire() -> None:
    """Only the customer corrects."""
    assert last(SIGNAL, bot("You misunderstood me")) is None
    assert last(SIGNAL, customer("no thanks")) is None

"""The bot refuses or apologises."""

import pytest

from handoff.signals.bot_cannot import SIGNAL
from tests.signals.played import bot, customer, last, play


@pytest.mark.parametrize(
    "text", ["I'm unable to process that.", "Unfortunately, I cannot change your booking."]
)
def test_a_refusal_fires_and_a_second_is_stronger(text: str) -> None:
    """A bot that refuses twice is at its end."""
    once, _, twice = play(SIGNAL, [bot(text), customer("please"), bot(text)])

    assert once is not None
    assert twice is not None
    assert once.strength < twice.strength
    assert twice.turns == (0, 2)


def test_one_apology_is_politeness() -> None:
    """Several are not."""
    sorry = bot("Sorry, I did not understand that.")

    told = play(SIGNAL, [sorry, customer("hm")] * 4)

    assert told[0] is told[1] is None
    assert told[6] is not None


def test_the_customer_may_be_unable() -> None:
    """It is the bot that is judged."""
    assert last(SIGNAL, *[customer("I'm unable to log in")] * 3) is None
    assert last(SIGNAL, *[bot("I can do that for you.")] * 3) is None

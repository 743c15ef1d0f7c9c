"""Lawyers, regulators, complaints."""

import pytest

from handoff.signals.legal_or_complaint import SIGNAL
from tests.signals.played import bot, customer, last

COMPLAINT = customer("I want to make a complaint")


@pytest.mark.parametrize(
    "text", ["My lawyer will contact you", "I want to make a formal complaint"]
)
def test_legal_words_are_full_strength(text: str) -> None:
    """At once."""
    evidence = last(SIGNAL, customer(text))

    assert evidence is not None
    assert evidence.strength == 1.0


def test_a_complaint_is_weaker_until_it_is_repeated() -> None:
    """The second is as good as formal."""
    once, twice = last(SIGNAL, COMPLAINT), last(SIGNAL, COMPLAINT, bot("Why?"), COMPLAINT)

    assert once is not None
    assert twice is not None
    assert (once.strength, twice.strength, twice.turns) == (0.6, 1.0, (0, 2))


def test_intents_tell_too() -> None:
    """By a word in their name."""
    assert last(SIGNAL, customer("hm", intent="file_complaint")) is not None
    assert last(SIGNAL, customer("hm", intent="order_status")) is None


def test_other_words_do_not_fire() -> None:
    """Nor the bot's."""
    assert last(SIGNAL, customer("Where is my parcel?")) is None
    assert last(SIGNAL, bot("You can make a formal complaint")) is None

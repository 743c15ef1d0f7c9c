"""Danger."""

import pytest

from handoff.signals.vulnerable import SIGNAL
from tests.signals.played import bot, customer, last


@pytest.mark.parametrize(
    "text", ["I want to kill myself", "my husband is beating me", "I'm going to kill you"]
)
def test_danger_is_full_strength_at_once(text: str) -> None:
    """Nothing has to add up."""
    evidence = last(SIGNAL, customer(text))

    assert evidence is not None
    assert evidence.strength == 1.0


def test_an_intent_tells_too() -> None:
    """By a name that holds the word."""
    assert last(SIGNAL, customer("help", intent="report_medical_emergency")) is not None


@pytest.mark.parametrize("text", ["I would kill for a coffee", "the battery died", "hello"])
def test_figures_of_speech_do_not_fire(text: str) -> None:
    """Nor does what the bot says."""
    assert last(SIGNAL, customer(text)) is None
    assert last(SIGNAL, bot("I want to kill myself")) is None

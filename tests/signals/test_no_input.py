"""Silence."""

import pytest

from handoff.domain.turn import Turn
from handoff.signals.no_input import SIGNAL
from tests.signals.played import bot, customer, last, play

SILENT = customer("", input="speech")


@pytest.mark.parametrize(
    "silent", [SILENT, customer("", intent="no_input"), customer(intent="silence")]
)
def test_two_silent_turns_fire(silent: Turn) -> None:
    """As empty speech or as an intent."""
    evidence = last(SIGNAL, silent, bot("Are you there?"), silent)

    assert evidence is not None
    assert evidence.turns == (0, 2)


def test_speaking_ends_it() -> None:
    """Silence does not add up over a conversation."""
    assert play(SIGNAL, [SILENT, bot("Hello?"), customer("yes"), SILENT])[-1] is None


def test_a_turn_without_words_need_not_be_silence() -> None:
    """A runtime may report intents only, and a card number is kept back."""
    for turn in (customer("", intent="billing"), customer(""), customer("", secure_capture=True)):
        assert last(SIGNAL, turn, turn, turn) is None

"""Giving up."""

from handoff.signals.abandonment_risk import SIGNAL
from tests.signals.played import bot, customer, last, play, tool

NO = customer("no")


def test_parting_words_fire() -> None:
    """Twice is stronger."""
    leaves = customer("forget it")

    once, twice = last(SIGNAL, leaves), last(SIGNAL, leaves, bot("Wait!"), leaves)

    assert once is not None
    assert twice is not None
    assert once.strength < twice.strength


def test_one_no_after_another_in_shrinking_answers_fires() -> None:
    """Each alone is too little."""
    said = [customer("I would like to change my address please"), customer("no it is not that one")]

    assert last(SIGNAL, *said, NO, NO) is not None
    assert play(SIGNAL, [NO, NO, NO]) == [None] * 3


def test_progress_starts_afresh() -> None:
    """A no after it is a plain answer."""
    long = customer("I would like to change my address please")

    assert last(SIGNAL, long, NO, NO, customer("no", slots={"street": "Elm"})) is None
    assert last(SIGNAL, tool("pay", True), customer("thanks")) is None


def test_a_long_conversation_alone_is_nothing() -> None:
    """It counts on top."""
    assert play(SIGNAL, [customer("and then what")] * 40) == [None] * 40

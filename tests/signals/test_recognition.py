"""Bad recognition."""

from handoff.signals.recognition import SIGNAL
from tests.signals.played import customer, last, play

UNSURE = customer("uh", recognition_confidence=0.2)
TORN = customer("one", nbest=["flight to rome", "light the room", "fly home"])
AGREED = customer("one", nbest=["flight to rome", "a flight to rome", "flight to rome please"])


def test_three_unsure_turns_in_a_row_fire() -> None:
    """By confidence, or by hypotheses that share nothing."""
    for turn in (UNSURE, TORN):
        evidence = last(SIGNAL, turn, turn, turn)
        assert evidence is not None
        assert evidence.turns == (0, 1, 2)


def test_a_single_one_is_nothing() -> None:
    """Everybody mumbles."""
    sure = customer("yes", recognition_confidence=0.95)

    assert play(SIGNAL, [UNSURE, sure, sure, TORN, sure]) == [None] * 5


def test_hypotheses_that_agree_are_sure() -> None:
    """One hypothesis says nothing."""
    assert last(SIGNAL, *[AGREED] * 5) is None
    assert last(SIGNAL, *[customer("x", nbest=["x"])] * 5) is None

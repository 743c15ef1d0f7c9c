"""Breaking in."""

from handoff.signals.talk_over import SIGNAL
from tests.signals.played import bot, customer, last, play

CUT = bot("For billing press one, for sales press two.", heard="For billing")
HEARD = bot("How can I help you?", heard="How can I help you?")


def test_three_of_six_fire() -> None:
    """Those that were cut are cited."""
    evidence = last(SIGNAL, CUT, HEARD, CUT, customer("agent"), CUT)

    assert evidence is not None
    assert (evidence.value, evidence.turns) == (3, (0, 2, 4))


def test_now_and_then_is_nothing() -> None:
    """The window moves on; a turn that was heard accuses nobody."""
    assert play(SIGNAL, [CUT, HEARD, HEARD, HEARD] * 3) == [None] * 12
    assert last(SIGNAL, CUT, CUT, CUT, HEARD) is None


def test_a_runtime_that_does_not_tell_is_not_judged() -> None:
    """Chat has no barge-in."""
    assert last(SIGNAL, *[bot("How can I help you?")] * 6) is None

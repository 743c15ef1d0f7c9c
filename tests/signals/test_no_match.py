"""What the customer says goes unmatched."""

import pytest

from handoff.signals.no_match import SIGNAL
from tests.signals.played import bot, customer, last, play

MISSED = customer("hm", intent="nlu_fallback")
SORRY = bot("Sorry, I didn't understand that.")
OTHER = customer("my bill", intent="billing")


@pytest.mark.parametrize(
    "intent", ["nlu_fallback", "out_of_scope", "Default Fallback Intent", "None"]
)
def test_two_fallbacks_in_a_row_fire(intent: str) -> None:
    """The intent tells; its spelling is the runtime's."""
    missed = customer("hm", intent=intent)

    evidence = last(SIGNAL, missed, bot("Pardon?"), missed)

    assert evidence is not None
    assert (evidence.value, evidence.turns) == (2, (0, 2))


def test_the_bots_own_words_tell_too() -> None:
    """A fallback and the bot's admission after it are one miss."""
    said = customer("blarg")

    assert play(SIGNAL, [MISSED, SORRY]) == [None, None]
    assert last(SIGNAL, said, SORRY, said, SORRY) is not None


def test_a_match_between_starts_the_run_again() -> None:
    """Until there were four in all."""
    told = play(SIGNAL, [MISSED, bot("Yes?"), OTHER, bot("Sure.")] * 4)

    assert [at for at, each in enumerate(told) if each] == [12]


def test_an_apology_for_something_else_is_no_miss() -> None:
    """The bot must say that it did not understand."""
    assert (
        play(SIGNAL, [OTHER, bot("Sorry for the delay."), OTHER, bot("Sorry for that.")])[3] is None
    )

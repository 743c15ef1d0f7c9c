"""The bot says the same again."""

import pytest

from handoff.signals.bot_loop import SIGNAL
from tests.signals.played import bot, customer, human, last, play

LINE = "Sorry, how would you like to travel today?"


def test_the_second_time_fires_and_grows() -> None:
    """Small differences do not matter."""
    told = play(SIGNAL, [bot(LINE), customer("bus"), bot(LINE.lower()), bot(LINE + " ")])

    assert [round(each.strength, 2) if each else None for each in told] == [None, None, 0.4, 0.64]
    assert told[-1] is not None
    assert (told[-1].value, told[-1].turns) == (3, (0, 2, 3))


@pytest.mark.parametrize(
    "again",
    [
        bot("Your appointment is confirmed for the 4 of May."),
        bot("Anything else?"),
        bot("Your appointment is confirmed for the 3 of May.", heard="Your app"),
        customer("Your appointment is confirmed for the 3 of May."),
        human("Your appointment is confirmed for the 3 of May."),
    ],
)
def test_another_message_is_no_loop(again) -> None:
    """Other numbers, other words, cut off before it was heard, or another speaker."""
    assert last(SIGNAL, bot("Your appointment is confirmed for the 3 of May."), again) is None


def test_what_was_heard_is_what_counts() -> None:
    """A line the customer cut off was not repeated until it is heard whole."""
    cut = bot(LINE, heard="")

    assert last(SIGNAL, cut, cut, bot(LINE)) is None


def test_something_new_starts_the_count_again() -> None:
    """A prompt after every step is no growing loop."""
    steps = [
        bot("Turn left on Forbes avenue"),
        bot(LINE),
        bot("Then walk to the bridge"),
        bot(LINE),
    ]

    evidence = last(SIGNAL, *steps, bot("Cross the street at the church"), bot(LINE))

    assert evidence is not None
    assert evidence.value == 2


def test_two_lines_in_turn_are_a_loop() -> None:
    """A bot that goes around between two lines says nothing new."""
    told = play(SIGNAL, [bot(LINE), bot("Did you mean the airport bus?")] * 3)

    assert told[-1] is not None
    assert told[-1].turns == (1, 3, 5)


def test_a_wordless_bot_is_judged_by_its_intent() -> None:
    """Asking for a value again is left to `slot_retry`."""
    proposed = bot(intent="propose_date")

    assert last(SIGNAL, proposed, customer(intent="negate"), proposed) is not None
    assert last(SIGNAL, *[bot(intent="ask_postcode")] * 4) is None


def test_progress_ends_a_loop() -> None:
    """ "Is there anything else?" may be said after every job."""
    done = customer("blue", slots={"colour": "blue"})

    assert last(SIGNAL, bot(LINE), done, bot(LINE)) is None


def test_what_the_customer_asked_to_hear_again_is_no_loop() -> None:
    """Until they go on and the bot does not."""
    line, again = bot("Turn left onto Elm Street."), customer("can you repeat that")

    assert play(SIGNAL, [line, again, line, again, line]) == [None] * 5
    assert last(SIGNAL, line, again, line, customer("done"), line) is not None

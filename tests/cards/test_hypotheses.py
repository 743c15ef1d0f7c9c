"""What was most likely said, ranked over attempts and hypotheses."""

import pytest

from handoff.cards.hypotheses import ranked
from handoff.cards.spelling import looks_spelt, sounds, spelt_runs
from handoff.domain.dates import Date, readings


def test_a_postcode_is_found_inside_what_was_heard() -> None:
    """A format beats words around it, and an attempt with a mishearing supports it all the same."""
    heard = ranked("postcode", [["it is b s 4 2 Q P", "is be s for to q p"], ["b s 4 for 2 Q P"]])

    assert heard[0] == "BS4 2QP"


def test_votes_over_attempts_beat_the_first_hypothesis() -> None:
    """What comes second twice stands before what came first once."""
    attempts = [["Tilda Brooks", "Hilda Brooks"], ["Hilda Brook", "Hilda Brooks"]]

    assert ranked("name", attempts)[0] == "Hilda Brooks"


def test_spelt_letters_decide_between_names_that_sound_alike() -> None:
    """Each letter was said by itself, so they tell Brian from Bryan."""
    attempts = [["Brian Lowe", "Bryan Lowe"], ["b r y a n"]]

    assert ranked("name", attempts)[0] == "Bryan Lowe"


def test_each_date_stands_once_in_its_clearest_words() -> None:
    """Year, month and day are voted on; of one date the words that name the month are shown."""
    attempts = [["0907 1961", "9 7 1961"], ["9th of July 1961", "9th of July 1960 1"]]

    assert ranked("date", attempts)[0] == "9th of July 1961"
    assert len([text for text in ranked("date", attempts) if readings(text)]) == 2


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("3 grudnia 1988 roku", Date(1988, 12, 3)),
        ("the 21st of May 2004", Date(2004, 5, 21)),
        ("28 02 19 73", Date(1973, 2, 28)),
        ("le 14 août 1999", Date(1999, 8, 14)),
        ("1961-07-09", Date(1961, 7, 9)),
    ],
)
def test_dates_are_read_in_every_language(text: str, date: Date) -> None:
    """A whole date has a reading, however the recogniser wrote it."""
    assert date in readings(text)


@pytest.mark.parametrize("text", ["", "14", "who won May 1988", "31 99 2001", "May 1 2 1988"])
def test_what_is_no_whole_date_has_no_reading(text: str) -> None:
    """Half a date and a date with more around it are not guessed at."""
    assert not readings(text)


def test_spelling_is_heard_as_letters_and_digits() -> None:
    """Names of letters, digits, repeats and examples are put together, in any language."""
    assert sounds("see a ex zwei") == "cax2"
    assert looks_spelt("TR AC y")
    assert not looks_spelt("Tracy Brown Lee")
    assert [value for _, value in spelt_runs("it is one three u n, thanks")] == ["13UN"]
    assert [value for _, value in spelt_runs("double five seven A as in alpha")] == ["557A"]


def test_nothing_heard_is_nothing() -> None:
    """Silence and punctuation are no hypotheses."""
    assert ranked("postcode", []) == ()
    assert ranked("name", [["", "…"], []]) == ()


def test_endless_hypotheses_cost_little() -> None:
    """What is far too long for a value is not compared with anything."""
    attempts = [["a 1 " * 10_000, f"bs{n} 2qp"] for n in range(10)]

    assert all(len(text) < 20 for text in ranked("postcode", attempts))

"""Anger, in words, sound and marks."""

import pytest

from handoff.domain.text import Known
from handoff.signals.frustration import SIGNAL
from tests.signals.played import bot, customer, last

CALM = customer("Hello, where is my parcel please?")


@pytest.mark.parametrize(
    "text",
    [
        "This is useless",
        "This fucking thing is terrible",
        "What a terrible, horrible service, I hate it!!",
        "I am so angry with you",
    ],
)
def test_anger_fires(text: str) -> None:
    """What it rests on is named."""
    evidence = last(SIGNAL, CALM, customer(text))

    assert evidence is not None
    assert evidence.turns == (1,)
    assert 0.4 <= evidence.strength < 1


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel?",
        "No.",
        "Is it open on Sunday??",
        "My IBAN and BIC please",
        "damn good service, I love it, thanks",
        "I lost my card",
    ],
)
def test_calm_words_do_not(text: str) -> None:
    """A single mark, an acronym or praise in strong words is nothing."""
    assert last(SIGNAL, CALM, customer(text)) is None


def test_shouting_counts_only_from_who_also_speaks_calmly() -> None:
    """A customer, or a recogniser, may write everything in capitals."""
    assert last(SIGNAL, CALM, customer("WHERE IS MY PARCEL??")) is not None
    assert last(SIGNAL, *[customer("WHERE IS MY PARCEL")] * 6) is None


def test_anger_again_is_stronger_and_long_ago_is_not() -> None:
    """Sixteen turns later it is forgotten."""
    angry = customer("this is useless")

    once, twice = last(SIGNAL, angry), last(SIGNAL, angry, bot("Sorry?"), angry)
    late = last(SIGNAL, angry, *[bot("ok")] * 20, angry)

    assert once is not None
    assert twice is not None
    assert late is not None
    assert once.strength == late.strength < twice.strength


def test_only_english_is_weighed_by_sentiment() -> None:
    """ "Die" is an article."""
    text = "bad die hate terrible kill awful"

    assert last(SIGNAL, customer(text), known=Known(language="de")) is None
    assert last(SIGNAL, customer("!" * 40_000 + "so bad " * 3_000)) is None

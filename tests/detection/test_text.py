"""Text as signals read it."""

import pytest

from handoff.domain.text import CAP, capped, excerpt, in_words, normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("I don’t WANT  that!!", "i dont want that"),
        ("ﬁne\u200b print", "fine print"),
        ("ag\u200bent", "agent"),
        ("Straße, 42 €", "strasse 42"),
        ("人間と話したい。", "人間と話したい"),
        ("\x00\ud800", ""),
        ("", ""),
    ],
)
def test_words_remain(text: str, normal: str) -> None:
    """Lower case, one space, no punctuation, nothing invisible."""
    assert normalise(text) == normal


def test_only_the_ends_of_a_long_text_are_read() -> None:
    """What lies between costs nothing."""
    text = "start " + "x" * 60_000 + " end"

    assert len(normalise(text)) <= 2 * CAP + 1
    assert normalise(text).startswith("start ")
    assert normalise(text).endswith(" end")
    assert capped("short") == "short"


def test_characters_that_expand_stay_within_the_cap() -> None:
    """One character may stand for eighteen."""
    assert len(normalise("\ufdfa" * 64_000)) <= 5 * CAP


@pytest.mark.parametrize("text", ["a" * 500, "é" * 500, "\U0001f600" * 500, "ab"])
def test_an_excerpt_fits_as_json(text: str) -> None:
    """Escapes count."""
    taken = excerpt(text, 120)

    assert len(taken.encode("ascii", "backslashreplace")) <= 120
    assert text.startswith(taken[:2])


@pytest.mark.parametrize("name", ["ask_postcode", "AskPostcode", "ask-postcode", "ask postcode"])
def test_names_are_read_as_words(name: str) -> None:
    """Runtimes write them in every way."""
    assert in_words(name) == "ask postcode"

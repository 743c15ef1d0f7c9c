"""Values as a voice reads them, in every language."""

import pytest

from handoff.cards.speech import seconds, speakable, spelled, spoken_words
from handoff.cards.wording import LANGUAGES, words_of


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("44712", "4 4 7, 1 2"),
        ("QX-48213-B", "Q X, 4 8 2, 1 3, B"),
        ("0171 4459021", "0 1, 7 1, 4 4 5, 9 0, 2 1"),
        ("HB 77 120", "H B, 7 7, 1 2 0"),
        ("credit_card_4421", "credit, card, 4 4, 2 1"),
        ("$64.90", "64 dollars 90"),
        ("1.250,00 €", "1250 euros"),
        ("$5.07", "5 dollars 7"),
        ("64.9", "64 point 9"),
        ("2031-05-16", "May 16 2031"),
        ("2031-13-40", "2 0, 3 1, 1 3, 4 0"),
        ("at 14:30", "at 14:30"),
        ("3 lamps", "3 lamps"),
    ],
)
def test_a_value_is_speakable(written: str, said: str) -> None:
    """Digits in groups, letters one by one, amounts and dates in words."""
    assert spelled(written, words_of("en").speech) == said


@pytest.mark.parametrize(
    ("language", "date", "amount"),
    [
        ("en", "May 1 2031", "20 euros 5"),
        ("de", "1. Mai 2031", "20 Euro 5"),
        ("es", "1 de mayo de 2031", "20 euros 5"),
        ("fr", "1 mai 2031", "20 euros 5"),
        ("it", "1 maggio 2031", "20 euro 5"),
        ("nl", "1 mei 2031", "20 euro 5"),
        ("pt", "1 de maio de 2031", "20 euros 5"),
    ],
)
def test_dates_and_amounts_are_said_in_the_language(language: str, date: str, amount: str) -> None:
    """Each as people there say it."""
    speech = words_of(language).speech

    assert speakable("2031-05-01", speech) == date
    assert speakable("€20.05", speech) == amount


def test_what_a_voice_would_stumble_over_is_left_out() -> None:
    """Markup and signs; the words stay."""
    said = speakable("<b>order_status</b> *now* {{x}}", words_of("en").speech)

    assert said == "b order status b now x"


def test_each_digit_takes_as_long_as_a_word() -> None:
    """160 words take a minute."""
    assert spoken_words("call 0171 now") == 6
    assert seconds(" ".join(["word"] * 160)) == 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language: str) -> None:
    """No form falls back to English in the middle of a sentence."""
    english, words = words_of("en"), words_of(language)

    for part in ("label", "title", "status", "outcome", "check", "say", "count", "whisper"):
        assert getattr(words, part).keys() == getattr(english, part).keys(), part
    assert words.languages.keys() == english.languages.keys()
    assert words.speech.money.keys() == english.speech.money.keys()

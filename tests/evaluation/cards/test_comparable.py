"""When a text holds a value: whatever it looks like, as long as it is the same."""

import pytest

from handoff.evaluation.comparable import name_tokens, seen, tokens

SAME = [
    ("my order is HN H-435 thanks", "HNH435"),
    ("on the twenty first of May", "2024-05-21"),
    ("born 5/3/1963", "1963-03-05"),
    ("urodzona trzeciego: 3 marca 1963", "1963-03-03"),
    ("at half past three in the afternoon", "15:30"),
    ("around 5 pm", "17:00"),
    ("that is $1,200.50 in all", "1200.5"),
    ("two adults please", "2"),
    ("ZOË Łukasiewicz", "zoe lukasiewicz"),
]
OTHER = [
    ("my order is HNH4355", "HNH435"),
    ("on the 21st of June", "2024-05-21"),
    ("born on the 5th of March", "1963-03-05"),
    ("at half past three in the morning", "15:30"),
    ("that is $1,200", "1200.5"),
    ("", "2"),
    ("anything", "…"),
]


@pytest.mark.parametrize(("text", "value"), SAME)
def test_spelling_does_not_count(text: str, value: str) -> None:
    """Spacing, case, accents, number words, forms of dates, times and amounts."""
    assert seen(text).holds(value)


@pytest.mark.parametrize(("text", "value"), OTHER)
def test_another_value_is_another(text: str, value: str) -> None:
    """A longer id, another day, a year of birth that nobody said, another half of the day."""
    assert not seen(text).holds(value)


def test_number_words_are_digits() -> None:
    """Also over two words, and as ordinals."""
    assert tokens("Twenty-one, the fifth and 5th of forty") == [
        "21",
        "the",
        "5",
        "and",
        "5",
        "of",
        "40",
    ]


def test_names_of_fields_are_words() -> None:
    """However a machine joins them; words that say nothing do not count."""
    assert name_tokens("departureDate") == name_tokens("departure_date") == {"departure", "date"}
    assert name_tokens("has_id") == frozenset()

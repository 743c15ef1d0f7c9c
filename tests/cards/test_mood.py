"""How the customer sounded, only where it is asked for."""

import pytest

from handoff.cards import build_card
from tests.cards.conversations import PARCEL, conversation, customer


def test_mood_is_off_by_default() -> None:
    """No card judges a customer unless the tenant wants that."""
    assert build_card(*PARCEL).mood is None


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("this is ridiculous, I am so frustrated", "upset (turn 1)"),
        ("where is my parcel", "calm"),
    ],
)
def test_the_mood_is_what_was_said_last(text: str, mood: str) -> None:
    """It says where it shows, so that a person can judge for themselves."""
    assert build_card(conversation(customer(text)), with_mood=True).mood == mood

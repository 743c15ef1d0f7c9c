"""The same intent again."""

import pytest

from handoff.signals.repeat_intent import SIGNAL
from tests.signals.played import bot, customer, last


def test_the_third_time_fires() -> None:
    """Every time is cited, whatever was said between."""
    turns = [customer(intent="order_status"), bot("…"), customer(intent="order_status")]

    evidence = last(SIGNAL, *turns, customer(intent="refund"), customer(intent="order_status"))

    assert evidence is not None
    assert (evidence.value, evidence.turns, evidence.threshold) == ("order status", (0, 2, 4), 3)


def test_twice_is_not_enough() -> None:
    """People ask back."""
    assert last(SIGNAL, *[customer(intent="order_status")] * 2) is None


@pytest.mark.parametrize("intent", ["confirm", "inform_postcode", "affirm", "greet", "negate"])
def test_dialogue_acts_do_not_count(intent: str) -> None:
    """They come back in every conversation."""
    assert last(SIGNAL, *[customer(intent=intent)] * 5) is None


def test_progress_starts_the_count_again() -> None:
    """A slot newly filled says that things move."""
    moving = [customer("x", intent="book", slots={f"slot{n}": "v"}) for n in range(5)]

    assert last(SIGNAL, *moving) is None


def test_an_intent_carried_along_does_not_count() -> None:
    """A runtime that labels "yes" with the running intent says nothing by repeating it."""
    said = ["book a table", "yes please", "for tomorrow", "yes", "at noon", "make it one"]

    assert last(SIGNAL, *[customer(text, intent="book_table") for text in said]) is None

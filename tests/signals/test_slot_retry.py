"""The same value is asked for, or given, again."""

import pytest

from handoff.signals.slot_retry import SIGNAL
from tests.signals.played import bot, customer, last


@pytest.mark.parametrize(
    "intent", ["ask_postcode", "request_postcode", "ask_for_postcode", "reask_postcode"]
)
def test_the_third_question_fires(intent: str) -> None:
    """What is asked for is read from the intent's name; answers between do not add up."""
    exchange = [bot(intent=intent), customer("l1 3un", slots={"postcode": "L1"})]

    evidence = last(SIGNAL, *exchange * 2, bot(intent=intent))

    assert evidence is not None
    assert (evidence.value, evidence.turns) == ("postcode", (0, 2, 4))


def test_a_value_given_a_third_time_fires() -> None:
    """Without intents, the customer's own slots tell."""
    given = customer("my name is Ann", slots={"name": "Ann"})

    evidence = last(SIGNAL, given, bot("Your name?"), given, bot("Your name?"), given)

    assert evidence is not None
    assert (evidence.value, evidence.turns) == ("name", (0, 2, 4))


def test_different_questions_do_not_add_up() -> None:
    """Asking for much is not asking again."""
    asked = [bot(intent=f"ask_{slot}") for slot in ("name", "postcode", "dob", "phone")]

    assert last(SIGNAL, *asked) is None


def test_empty_values_are_not_given() -> None:
    """A runtime may report every slot on every turn."""
    assert last(SIGNAL, *[customer("hm", slots={"name": None})] * 5) is None

"""Jobs that the bot does not claim."""

from handoff.signals.out_of_scope import SIGNAL
from tests.signals.played import bot, customer, last

WANTS = customer("a loan", intent="apply_loan")


def test_an_intent_named_so_fires() -> None:
    """Twice is stronger."""
    odd = customer("sing", intent="out_of_scope")

    once, twice = last(SIGNAL, odd), last(SIGNAL, odd, bot("No."), odd)

    assert once is not None
    assert twice is not None
    assert once.strength < twice.strength


def test_what_is_not_listed_fires() -> None:
    """An empty list claims everything."""
    assert last(SIGNAL, WANTS) is None
    assert last(SIGNAL, WANTS, jobs=["order_status", "refund"]) is not None
    assert last(SIGNAL, WANTS, jobs=["loan"]) is None


def test_everyday_acts_are_in_scope() -> None:
    """No bot lists them."""
    assert last(SIGNAL, customer("yes", intent="affirm"), jobs=["refund"]) is None

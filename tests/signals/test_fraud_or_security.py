"""Fraud: reported, or asked about."""

from handoff.domain.text import Known
from handoff.signals.fraud_or_security import SIGNAL
from tests.signals.played import bot, customer, last

REPORT = customer("my account was hacked")


def test_a_report_is_strong_and_a_second_certain() -> None:
    """A report insisted on."""
    once, twice = last(SIGNAL, REPORT), last(SIGNAL, REPORT, bot("When?"), REPORT)

    assert once is not None
    assert twice is not None
    assert (once.strength, twice.strength, twice.turns) == (0.8, 1.0, (0, 2))


def test_a_question_is_no_report() -> None:
    """However often it is asked."""
    asked = customer("how do you protect my account from fraud")

    for evidence in (last(SIGNAL, asked), last(SIGNAL, asked, asked)):
        assert evidence is not None
        assert evidence.strength == 0.4


def test_a_bot_that_takes_reports_hears_them_all_day() -> None:
    """The job says so."""
    evidence = last(SIGNAL, REPORT, REPORT, known=Known(job="bank_fraud_report"))

    assert evidence is not None
    assert evidence.strength == 0.4


def test_intents_tell_and_other_words_do_not() -> None:
    """An intent alone is no report."""
    evidence = last(SIGNAL, customer("help", intent="card_stolen"))

    assert evidence is not None
    assert evidence.strength == 0.4
    assert last(SIGNAL, customer("where is my card")) is None

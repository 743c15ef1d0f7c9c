"""Fraud: reported, or asked about."""

import pytest

from handoff.detection import Detector, Policy
from handoff.domain.decision import Action
from handoff.domain.text import Known
from handoff.signals.fraud_or_security import SIGNAL
from tests.signals.played import bot, customer, last

REPORT = customer("my card was stolen")


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


@pytest.mark.parametrize(
    "text",
    [
        "my account was hacked",
        "Somebody logged into my account and changed the email!",
        "my account has been hacked, can you help me?",
        "me han hackeado la cuenta",
        "mein Konto wurde gehackt",
        "我的账号被盗了",
        "アカウントが乗っ取られました",
    ],
)
def test_a_person_comes_at_once_when_an_account_is_taken_over(text: str) -> None:
    """By the shipped policy, on the first turn."""
    detector = Detector(Policy.default())

    _, decision = detector.observe(detector.start(), customer(text))

    assert decision.action is Action.ESCALATE
    assert decision.reasons[0].rule == "account-taken-over"


@pytest.mark.parametrize(
    "text",
    [
        "what happens if my account is hacked?",
        "how do I know that my account was hacked",
        "my account was hacked, how do I get it back?",
        "I think somebody hacked into my account",
        "what is your policy when an account was taken over",
        "my card was stolen",
        "was passiert wenn mein Konto gehackt wurde",
        "我的账号被盗了怎么办",
    ],
)
def test_who_asks_or_doubts_is_offered_a_person_at_most(text: str) -> None:
    """A question about the house's ways, the usual cure, a suspicion, a card to be blocked."""
    detector = Detector(Policy.default())

    _, decision = detector.observe(detector.start(), customer(text))

    assert decision.action is not Action.ESCALATE


def test_a_bot_whose_job_it_is_keeps_the_case() -> None:
    """There it is what customers come for."""
    evidence = last(SIGNAL, customer("my account was hacked"), known=Known(job="report_fraud"))

    assert evidence is not None
    assert evidence.strength == 0.4

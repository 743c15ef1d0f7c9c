"""What counts as asking again, on sentences with their answers, in three languages."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from handoff.cards.restarts import SITUATION, restarts
from handoff.domain.card import Card, CardCustomer, Claim, Statement, Status
from tests.factories import card

KNOWN = {
    "order id": "AB-4711",
    "reservation id": "ZFA04Y",
    "account number": "55-2010",
    "phone number": "+1 202 555 0100",
    "delivery address": "7 Quay Street",
    "amount": "$ 120.00",
    "departure date": "20 May",
    "number guests": 4,
    "destination city": "Galway",
    "car model": "Civic",
}
LANGUAGES = ("en", "de", "es")


def told(**over: object) -> Card:
    """Return a card with a situation and the KNOWN claims, the customer's name and e-mail."""
    customer = [claim("full name", "Rosa Diaz"), claim("email", "rosa@example.com")]
    return card(
        situation=Statement(text="My order never came.", turns=(0,)),
        customer=CardCustomer(claimed=tuple(customer)),
        facts=tuple(claim(name, value) for name, value in KNOWN.items()),
        do_not_ask=(*KNOWN, "full name", "email"),
    ).model_copy(update=over)


def claim(name: str, value: Any, **over: Any) -> Claim:
    """Return a claim that the customer stated."""
    return Claim(name=name, value=value, status=Status.STATED, turns=(0,)).model_copy(update=over)


def sentences(language: str) -> dict[str, Any]:
    """Return the labelled sentences of a language."""
    text = (Path(__file__).parent / f"{language}.yaml").read_text(encoding="utf-8")
    labelled: dict[str, Any] = yaml.safe_load(text)
    return labelled


def asked(text: str, on: Card | None = None) -> list[str]:
    """Return the claims that a text asks for again."""
    return [restart.claim for restart in restarts(on or told(), text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_precision_and_recall(language: str) -> None:
    """Nine of ten are found, and nineteen of twenty that are found are right."""
    labelled = sentences(language)
    found = [(text, set(names), set(asked(text))) for text, *names in labelled["asks"]]
    found += [(text, set(), set(asked(text))) for text in labelled["quiet"]]
    right = sum(len(names & told) for _, names, told in found)
    needed = sum(len(names) for _, names, _ in found)
    missed = [(text, names - told) for text, names, told in found if names - told]
    wrong = [(text, told - names) for text, names, told in found if told - names]

    assert right / needed >= 0.9, missed
    assert right / (right + len(wrong)) >= 0.95, wrong


def test_a_card_that_does_not_say_it_is_not_asked_again() -> None:
    """Nor one that is not sure, nor one whose value was replaced, nor what checks somebody."""
    without = told(facts=(), customer=CardCustomer(), situation=None)
    unsure = (
        claim("order id", "AB-4711", alternatives=("AB-4717",)),
        claim("phone number", "+1", superseded=True),
        claim("date of birth", "1 May"),
        claim("security answer", "Rex"),
    )
    question = (
        "How can I help? What is your order number, your phone number, your date of birth "
        "and your security answer?"
    )

    assert asked(question, without) == []
    assert asked(question, told(facts=unsure, situation=None)) == []


def test_each_claim_counts_once_in_a_turn() -> None:
    """With the sentence that asks for it first; two claims of one question are two."""
    text = "Your order number? I need your order number. Can I get your name and phone number?"
    found = restarts(told(), text)

    assert [one.claim for one in found] == ["order id", "full name", "phone number"]
    assert found[0].question == "Your order number?"


def test_hostile_text_costs_little() -> None:
    """A wall of words is no question, and the middle of a long text is not read."""
    assert asked("what is your " * 20_000 + "order number?") == []
    assert asked("?" * 100_000) == []
    assert SITUATION in asked("How can I help? " + "x" * 100_000)

"""What the cited turns do not bear out is dropped; what they do, in other words too, is kept."""

from collections import Counter

import pytest

from handoff.cards import build_card
from handoff.domain.card import Card, Provenance, Statement
from handoff.domain.summary import Draft, Judged
from handoff.domain.turn import Conversation
from summarizers.grounding import LONGEST, MOST, ground
from tests.cards.conversations import PARCEL, bot, call, conversation, customer
from tests.summarizers.mutations import Case, cases
from tests.summarizers.relations import BROKEN, TRUE, UNTRUE

SEED = 7


def draft(*told: tuple[str, tuple[int, ...]]) -> Draft:
    """Return a draft of these sentences."""
    sentences = tuple(Statement(text=text, turns=turns) for text, turns in told)
    return Draft(sentences=sentences, provenance=Provenance(summarizer="llm"))


def judged(talk: Conversation, text: str, *turns: int, card: Card | None = None) -> Judged:
    """Return what becomes of one sentence."""
    return ground(talk, card or build_card(talk), draft((text, turns)))


def why(talk: Conversation, text: str, *turns: int) -> str:
    """Return why a sentence is dropped, empty where it is kept."""
    dropped = judged(talk, text, *turns).dropped
    return dropped[0].why if dropped else ""


def _shown(case: Case, card: Card) -> bool:
    kept = judged(case.conversation, case.text, *case.turns, card=card).kept
    return [one.text for one in kept] == [case.text]


def test_every_hallucinated_fact_is_dropped_and_the_truth_is_kept() -> None:
    """Changed numbers, dates, amounts, names, ids, outcomes, speakers and turns: hundreds."""
    made, shown, passed = Counter[str](), 0, []
    cards: dict[str, Card] = {}
    for case in cases(SEED, rounds=2):
        key = case.conversation.model_dump_json()
        card = cards.setdefault(key, build_card(case.conversation))
        made[case.wrong] += 1
        if case.wrong and judged(case.conversation, case.text, *case.turns, card=card).kept:
            passed.append((case.wrong, case.text, case.turns))
        shown += not case.wrong and _shown(case, card)

    true = made.pop("")
    assert made.total() >= 200
    assert set(made) >= {"count", "date", "money", "name", "id", "outcome", "speaker", "turn"}
    assert passed == []
    assert shown >= 0.98 * true


@pytest.mark.parametrize("turns", [(), (-1,), (0, 99), tuple(range(9)) * 2 + (9, 10, 11, 12)])
def test_a_turn_that_does_not_exist_proves_nothing(turns: tuple[int, ...]) -> None:
    """Nor does no turn at all, or every turn at once."""
    assert why(PARCEL[0], "The customer wants their money back.", *turns) == "turn"


@pytest.mark.parametrize(
    ("text", "turns", "reason"),
    [
        ("See https://evil.example/claim for the parcel.", (0,), "contact"),
        ("The parcel was delivered broken, see evil-refunds.com.", (0,), "contact"),
        ("The customer Mira Okafor can be reached at mira@evil.example.", (2,), "contact"),
        ("The customer wants 80 dollars back.", (0,), "number"),
        ("The desk lamp costs €64.90.", (3, 4), "amount"),
        ("The refund of $64.90 was issued.", (6, 7), "outcome"),
        ("The customer was verified.", (2,), "identity"),
        ("The human should refund the customer at once.", (0,), "instruction"),
        ("The customer Mira Lindqvist wants a refund.", (0, 2), "name"),
        ("I want my money back for the broken parcel.", (0,), "first_person"),
        ("The customer is furious and threatens with a lawyer.", (8,), "unsupported"),
        ("Der Kunde möchte sein Geld für das Paket zurück.", (0,), "name"),
        ("Клиент хочет вернуть деньги.", (0,), "language"),
        ("The customer reports a broken parcel. " * 12, (0,), "repeated"),
    ],
)
def test_what_is_dropped_says_why(text: str, turns: tuple[int, ...], reason: str) -> None:
    """The first check that failed, as a word."""
    assert why(PARCEL[0], text, *turns).startswith(reason) or reason in {
        one.why for one in judged(PARCEL[0], text, *turns).dropped
    }


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("my order is one three double five u n", "The order is 1355UN."),
        ("we are two adults and twenty-five kids", "There are 2 adults and 25 kids."),
        ("the flight is on the fifth of may at 3 pm", "The flight is on May 5 at 15:00."),
        ("it was 1.234,50 € for the flight", "The flight was 1,234.50 euros."),
        ("my name is José Núñez", "The customer is named Jose Nunez."),
        ("the booking is hat 113", "The booking is HAT113."),
    ],
)
def test_other_spellings_of_the_same_are_kept(said: str, told: str) -> None:
    """Number words, spelled letters, loose dates, clock times, accents."""
    assert why(conversation(customer(said)), told, 0) == ""


def test_a_corrected_value_is_not_told_as_if_it_stood() -> None:
    """The customer said another one since."""
    talk = conversation(
        customer("I fly to Lisbon", slots={"city": "Lisbon"}),
        customer("sorry, to Porto", slots={"city": "Porto"}),
    )

    assert why(talk, "The customer wants to fly to Lisbon.", 0) == "outdated"
    assert why(talk, "The customer wants to fly to Porto.", 0, 1) == ""


def test_a_secret_is_neither_told_nor_kept_among_what_was_dropped() -> None:
    """A verifier's value given in a slot; of a dropped sentence only the masked words are kept."""
    talk = conversation(
        customer("the password is swordfish9", slots={"password": "swordfish9"}), bot("Thanks")
    )
    found = judged(talk, "The customer said the password is swordfish9.", 0)

    assert found.kept == ()
    assert "swordfish9" not in found.dropped[0].text


def test_what_the_bot_says_it_did_is_not_true_where_the_tool_failed() -> None:
    """Even told as the bot's own words: whoever reads it would believe it."""
    talk = conversation(
        customer("cancel my order please"),
        call("cancel_order", {"order": "A1"}, ok=False),
        bot("Your order has been cancelled."),
    )

    assert why(talk, "The bot said that the order was cancelled.", 2) == "outcome"
    assert why(talk, "The order could not be cancelled.", 1) == ""


def test_no_more_is_shown_than_a_story() -> None:
    """A few sentences of some length."""
    talk = conversation(*(customer(f"I lost parcel number {n}00") for n in range(1, 9)))
    many = draft(*((f"The customer lost parcel number {n}00.", (n - 1,)) for n in range(1, 9)))

    found = ground(talk, build_card(talk), many)

    assert len(found.kept) == MOST
    assert len(found.dropped) == 3
    assert why(talk, "The customer lost parcel " + "100 " * LONGEST, 0) == "length"


def test_true_words_in_wrong_relations_are_dropped() -> None:
    """Every word and value of these stands in the cited turns; what they say together does not."""
    card = build_card(BROKEN)

    shown = [text for text, turns in UNTRUE if judged(BROKEN, text, *turns, card=card).kept]

    assert shown == []


def test_true_words_in_their_own_relations_are_kept() -> None:
    """Reported, denied, declined and looked up, in other words than the turns have."""
    card = build_card(BROKEN)

    lost = [text for text, turns in TRUE if not judged(BROKEN, text, *turns, card=card).kept]

    assert lost == []

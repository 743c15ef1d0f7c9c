"""The customer says it again."""

import pytest
from pydantic import JsonValue

from handoff.detection.phrases import shipped
from handoff.detection.reading import read_turn
from handoff.domain.signal import Memory
from handoff.domain.text import Known
from handoff.signals.repeat_request import SIGNAL
from tests.signals.played import bot, customer, last, tool

REPEATS = [
    ("Where is my refund?", "I asked where my refund is"),
    ("where is my refund", "wheres my refnud"),
    ("CMU", "cmu."),
    ("I need to change the address on my order", "please change my order's address"),
]
OTHERS = [
    ("Where is my refund", "Where is my parcel"),
    ("I want to cancel my flight", "I want to change my hotel"),
    ("yes", "yes"),
    ("order 1234", "order 1235"),
    ("thank you very much", "thank you"),
]
PARAPHRASES = [
    ("where's my parcel", "has my package shipped yet"),
    ("I want my money back", "give me a refund"),
    ("cancel my subscription", "I'd like to end my membership"),
    ("I was charged twice", "you took the money two times"),
    ("the item arrived broken", "the product was damaged on delivery"),
    ("the wifi is slow", "internet speed is bad"),
]
PAIRS = [
    ("Where is my refund", "Where is my parcel"),
    ("I want a refund", "I want a receipt"),
    ("monday morning", "tuesday morning"),
    ("pay my bill", "dispute my bill"),
    ("I need a train to Cambridge", "I need a train to London"),
    ("I want a flight to Paris", "find me a hotel in Rome"),
    ("when does the store open", "is the store hiring"),
    ("a table for 4", "a table at 5 for dinner"),
    ("cancel my order", "cancel my order with the blue lamp"),
]


@pytest.mark.parametrize(("first", "again"), REPEATS)
def test_the_same_request_in_other_words_is_a_repeat(first: str, again: str) -> None:
    """Both turns are cited."""
    evidence = last(SIGNAL, customer(first), bot("Hm."), customer(again))

    assert evidence is not None
    assert (evidence.value, evidence.turns) == (1, (0, 2))


@pytest.mark.parametrize(("first", "other"), OTHERS)
def test_another_request_in_the_same_frame_is_none(first: str, other: str) -> None:
    """Only words that carry meaning are compared."""
    assert last(SIGNAL, customer(first), bot("Hm."), customer(other)) is None


def test_repeats_in_a_row_grow_stronger() -> None:
    """The third time weighs more than the second."""
    asked = [customer("where is my refund")]

    second, third = last(SIGNAL, *asked * 2), last(SIGNAL, *asked * 3)

    assert second is not None
    assert third is not None
    assert (second.strength, third.strength) == pytest.approx((0.4, 0.64))


def test_progress_forgets_what_was_said() -> None:
    """To ask again after something was done is another request."""
    asked = customer("where is my refund")

    assert last(SIGNAL, asked, tool("find_refund", ok=True), asked) is None


@pytest.mark.parametrize("about", [{"intent": "help_with_order"}, {"slots": {"order": "4711"}}])
@pytest.mark.parametrize(("first", "again"), PARAPHRASES)
def test_a_paraphrase_counts_half_where_more_agrees(
    first: str, again: str, about: dict[str, JsonValue]
) -> None:
    """No word in common, but the same intent, or the same values, twice."""
    known = Known(slots={"order": "4711"})

    evidence = last(SIGNAL, customer(first, **about), customer(again, **about), known=known)

    assert evidence is not None
    assert (evidence.strength, evidence.turns) == (pytest.approx(0.2), (0, 1))


@pytest.mark.parametrize(("first", "again"), PARAPHRASES)
@pytest.mark.parametrize("intents", [(None, None), ("a", "b"), ("inform", "inform")])
def test_words_alone_are_no_paraphrase(
    first: str, again: str, intents: tuple[str | None, str | None]
) -> None:
    """Without an intent, with another one, or with one that every conversation has."""
    before, after = intents

    assert last(SIGNAL, customer(first, intent=before), customer(again, intent=after)) is None


@pytest.mark.parametrize(("first", "other"), PAIRS)
def test_two_things_in_one_frame_are_two_requests(first: str, other: str) -> None:
    """Even under one coarse intent: neither a near noun, nor numbers, nor more words."""
    turns = [customer(text, intent="help") for text in (first, other)]

    assert last(SIGNAL, *turns) is None


def test_meaning_is_asked_once_a_turn_at_most() -> None:
    """However many earlier turns agree."""
    asked: list[tuple[str, str]] = []

    def counting(left: str, right: str) -> float:
        asked.append((left, right))
        return 0.0

    texts = (
        "where is my parcel",
        "has the box been sent",
        "did the van leave",
        "is it coming soon",
    )
    memory: Memory = {}
    for index, text in enumerate(texts):
        turn = customer(text, intent="order_status")
        view = read_turn(turn, index, Known(), shipped(), counting)
        memory, _ = SIGNAL.observe(memory, view, SIGNAL.told())

    assert len(asked) == 3


def test_other_languages_are_not_guessed_at() -> None:
    """The vectors know English."""
    turns = [customer(text, intent="a") for text in PARAPHRASES[0]]

    assert last(SIGNAL, *turns, known=Known(language="de")) is None
    assert last(SIGNAL, *turns, known=Known(language="en-GB")) is not None


def test_a_state_of_an_older_version_is_read() -> None:
    """It kept words only."""
    view = read_turn(customer("where is my refund"), 1, Known(), shipped())

    _, evidence = SIGNAL.observe({"said": [[0, "refund"]], "turns": []}, view, SIGNAL.told())

    assert evidence is not None

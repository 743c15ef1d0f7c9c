"""Values that were only spoken, and what they are called."""

import pytest

from handoff.cards import build_card
from handoff.cards.spoken import spoken
from handoff.domain.card import Status
from handoff.domain.turn import Conversation
from tests.cards.conversations import bot, conversation, customer


def told(talk: Conversation) -> list[tuple[str, str]]:
    """Return name and value of what was spoken in a conversation."""
    return [(item.name, item.value) for item in spoken(talk.numbered(), talk.language)]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("my name is Ines Falk and I am late", "name", "Ines Falk"),
        ("the account number is 4471 9023", "account number", "4471 9023"),
        ("policy no PK 77 1204 please", "policy number", "PK 77 1204"),
        ("it's order number one three u n seven", "order number", "13UN7"),
        ("a flight from Oslo to Porto", "departure", "Oslo"),
        ("ich heiße Anke Brandt", "name", "Anke Brandt"),
        ("me llamo Rocío Vega", "name", "Rocío Vega"),
        ("mon numéro de commande est 88120-F", "order number", "88120-F"),
        ("numer rezerwacji to XK4410", "booking number", "XK4410"),
    ],
)
def test_a_cue_names_the_value_after_it(text: str, name: str, value: str) -> None:
    """What a value is stands before it, in every language."""
    assert (name, value) in told(conversation(bot("How can I help?"), customer(text)))


def test_the_word_of_a_street_alone_makes_no_address() -> None:
    """ "Close" is a kind of street, and what people do with accounts."""
    alone = conversation(customer("great i want close my account so kindly transfer it"))

    assert [name for name, _ in told(alone) if name == "address"] == []


@pytest.mark.parametrize("text", ["my iban is [iban ••3000]", "key [key]"])
def test_what_a_masked_value_is_called_is_no_value(text: str) -> None:
    """The word that is left beside it names nobody and no town."""
    assert told(conversation(customer(text))) == []


def test_the_question_before_names_a_bare_answer() -> None:
    """A short answer is what the bot asked for, several things in the order of the question."""
    talk = conversation(
        bot("Could you tell me your name and your order number?"),
        customer("yes, Ole Berg, 55120-K"),
    )

    assert told(talk) == [("name", "Ole Berg"), ("order number", "55120-K")]


@pytest.mark.parametrize(
    "text", ["I'm afraid I lost it", "this is outrageous", "I am from the start not happy"]
)
def test_ordinary_talk_names_nobody(text: str) -> None:
    """“I am sorry” is no introduction."""
    assert told(conversation(bot("How can I help?"), customer(text))) == []


def test_the_look_says_what_it_is_only_where_nothing_else_does() -> None:
    """Without the bot's side a bare value is named by its look, and is not confirmed."""
    alone = conversation(customer("hello"), customer("ruben"), customer("kt 5 x 91"))

    card = build_card(alone)

    assert {c.name: c.status for c in card.facts} == {
        "name or city": Status.INFERRED,
        "reference number": Status.INFERRED,
    }
    assert told(conversation(bot("Where to?"), customer("ruben kt 5 x 91"))) == []


def test_a_bare_number_that_may_be_secret_is_left_alone() -> None:
    """After talk of a passcode a number by itself is not shown as a fact."""
    talk = conversation(customer("I forgot my passcode"), customer("84412093"))

    assert told(talk) == []


def test_what_a_slot_has_is_not_told_twice() -> None:
    """The runtime's own slot stands alone, under its own name."""
    card = build_card(conversation(customer("my order is QX-4821", slots={"order_ref": "QX-4821"})))

    assert [c.name for c in card.facts] == ["order ref"]


def test_a_spoken_password_is_hidden_everywhere() -> None:
    """What a cue calls a password stands in no section of the card."""
    card = build_card(conversation(bot("Your password?"), customer("my password is tulip77")))

    assert "tulip77" not in card.model_dump_json()


def test_hostile_text_is_read_in_linear_time() -> None:
    """Endless cues and letters cost no more than their length."""
    talk = conversation(customer("my name is " * 5_000), customer("a b c 1 2 " * 5_000))

    assert build_card(talk).coverage.turns_read == 2

"""Asking for a person: explicit, indirect, noisy, negated, asked how, accepted."""

import pytest

from handoff.domain.turn import Turn
from handoff.signals.human_request import SIGNAL
from tests.signals.played import bot, customer, human, last, play

EXPLICIT = """\
operator
rep please
lemme talk 2 sm1
um i just want to uh speak to a person
Can I talk to a real person?
I want to speak to your manager!
put me through to someone
could you transfer me to one of your colleagues
I'm done with this bot, get me a person
I don't want to talk to a machine
why am i wasting my time with a robot
is there a human i can talk to
can someone call me back
please have someone contact me
I asked for a human, not a robot
i would like to be transferred to an agent
are you a bot? I want a person
I don't want to talk to you, I want to talk to an agent
speak with a represenative
can i talk to a huamn
how can I speak with a human?
I would rather deal with a human
REPRESENTATIVE
live chat
escalate this please
ＡＧＥＮＴ please"""

NONE = """\
I don't want an agent, just reset my password
I do not want to speak to a human, just tell me the balance
please don't connect me to an agent
no need to transfer me to an agent
I never asked for an agent
are you a bot
are you a real person?
am i talking to a human or a robot?
is this a real person
my travel agent booked this
I already talked to an agent and nothing happened
the person I spoke with yesterday said it was fine
i need a table for one person
can someone tell me where my order is
transfer money to my son
connect my phone to wifi
call my mom
someone else used my card
i need someone to fix my sink
the operator hung up on me
send money to another person
talk to you later
"""

CONTACT = """\
how do I contact you
how can i reach customer service
what is the number for customer support
customer service
how do i get in touch with your team"""


@pytest.mark.parametrize("text", EXPLICIT.splitlines())
def test_an_explicit_request_has_full_strength(text: str) -> None:
    """However it is put, the customer wants a person."""
    evidence = last(SIGNAL, customer(text))

    assert evidence is not None
    assert (evidence.strength, evidence.turns) == (1.0, (0,))


@pytest.mark.parametrize("text", NONE.splitlines())
def test_words_about_people_are_no_request(text: str) -> None:
    """Negated, asked of the bot, reported or about somebody else."""
    assert last(SIGNAL, customer(text)) is None


@pytest.mark.parametrize("text", CONTACT.splitlines())
def test_asking_how_to_reach_people_is_weak(text: str) -> None:
    """It is strong enough to offer a person and too weak to escalate."""
    evidence = last(SIGNAL, customer(text))

    assert evidence is not None
    assert evidence.strength == 0.5


@pytest.mark.parametrize(
    "intent", ["contact_human_agent", "human_handoff", "speak_to_agent", "TalkToHuman", "operator"]
)
def test_an_intent_of_that_name_is_a_request(intent: str) -> None:
    """A runtime that sends intents without words is understood."""
    evidence = last(SIGNAL, customer(intent=intent))

    assert evidence is not None
    assert evidence.strength == 1.0


@pytest.mark.parametrize("intent", ["human_resources", "cancel_order", "agent_commission", ""])
def test_other_intents_are_no_request(intent: str) -> None:
    """A name that only contains such a word says nothing."""
    assert last(SIGNAL, customer("about that", intent=intent or None)) is None


def test_asking_how_twice_is_an_explicit_request() -> None:
    """The first answer did not help."""
    turns = [customer("how do I contact you"), bot("By phone."), customer("how can i reach you")]

    first, _, second = play(SIGNAL, turns)

    assert first is not None
    assert second is not None
    assert (second.strength, second.turns) == (1.0, (0, 2))


def test_yes_to_the_bots_offer_is_a_request() -> None:
    """The evidence cites the offer and the answer."""
    offer = bot("Would you like me to connect you to an agent?")

    evidence = last(SIGNAL, offer, customer("yes please"))

    assert evidence is not None
    assert (evidence.strength, evidence.turns) == (1.0, (0, 1))


@pytest.mark.parametrize(
    "turns",
    [
        [bot("Shall I book it?"), customer("yes please")],
        [bot("Do you want to talk to an agent?"), customer("no"), customer("yes")],
        [bot("Do you want to talk to an agent?"), human("Hello"), bot("Done?"), customer("no")],
    ],
)
def test_yes_to_something_else_is_none(turns: list) -> None:
    """An offer is taken by the very next words of the customer, or not at all."""
    assert last(SIGNAL, *turns) is None


@pytest.mark.parametrize("speaker", [bot, human])
def test_only_the_customer_asks(speaker) -> None:
    """A bot or a human agent who speaks of people asks for nobody."""
    assert last(SIGNAL, speaker("I want to talk to a person")) is None


def test_secure_capture_is_not_read() -> None:
    """While payment is taken, what is said has no words."""
    assert last(SIGNAL, customer("agent", secure_capture=True)) is None


MENU = bot("For billing press 1, for your account press 2.")


@pytest.mark.parametrize("before", [MENU, bot("Welcome to Acme.")])
def test_a_key_at_a_menu_asks_for_a_person(before: Turn) -> None:
    """0 is what callers try first."""
    evidence = last(SIGNAL, before, customer("0", input="dtmf"))

    assert evidence is not None
    assert (evidence.strength, evidence.value, evidence.turns) == (1.0, "key 0", (1,))


@pytest.mark.parametrize(
    "before",
    [
        bot("", intent="ask_postcode"),
        bot("Please enter your account number."),
        bot("Enter your PIN, then press the pound key."),
    ],
)
def test_a_key_among_digits_asks_for_nobody(before: Turn) -> None:
    """Also where every key comes as a turn of its own."""
    keys = [customer(key, input="dtmf") for key in "100"]

    assert play(SIGNAL, [before, *keys]) == [None] * 4


def test_other_keys_and_longer_ones_ask_for_nobody() -> None:
    """Which keys ask is a setting."""
    assert last(SIGNAL, MENU, customer("1", input="dtmf")) is None
    assert last(SIGNAL, MENU, customer("0000", input="dtmf")) is None
    assert last(SIGNAL, MENU, customer("9", input="dtmf"), keys=["9"]) is not None


def test_a_menu_after_digits_is_a_menu_again() -> None:
    """Only the bot's last turn counts."""
    turns = [bot("Enter your card number"), customer("4321", input="dtmf"), MENU]

    assert last(SIGNAL, *turns, customer("0", input="dtmf")) is not None

"""The story in sentences of the conversation itself."""

from contextlib import closing

from handoff.cards import build_card
from handoff.domain.card import Card, Statement
from handoff.domain.turn import Conversation
from handoff.outbound import GuardedClient
from summarizers.extractive import Extractive
from tests.cards.conversations import GOLDEN, bot, conversation, customer


def summarize(talk: Conversation, card: Card) -> tuple[Statement, ...]:
    """Return the story as it would be shown."""
    with closing(GuardedClient()) as outbound:
        summarizer = Extractive(Extractive.Config(), outbound)
        return summarizer.judge(talk, card, summarizer.write(talk, card)).kept


def test_every_sentence_cites_the_turn_it_is_taken_from() -> None:
    """Whatever the conversation, at most four sentences, word for word but for hidden secrets."""
    for talk, decision in GOLDEN.values():
        said = {turn.index: " ".join(turn.text.split()) for turn in talk.numbered()}
        story = summarize(talk, build_card(talk, decision))

        assert len(story) <= 4
        for statement in story:
            for piece in statement.text.partition(": ")[2].rstrip("…").split("••••"):
                assert piece in said[statement.turns[0]]


def test_the_issue_comes_first_and_then_what_was_done() -> None:
    """Filler and questions of the bot are no part of the story."""
    talk = conversation(
        customer("Hi there. My heating engineer never came on Tuesday, job 55-901."),
        bot("Could you tell me your postcode please?"),
        customer("ok, one moment"),
        bot("I have booked a new visit for Friday morning. Is that all?"),
        customer("thanks"),
    )

    story = [statement.text for statement in summarize(talk, build_card(talk))]

    assert story == [
        "Customer: My heating engineer never came on Tuesday, job 55-901.",
        "Bot: I have booked a new visit for Friday morning.",
    ]


def test_a_card_without_a_story_gets_one() -> None:
    """A card from elsewhere is told from its conversation."""
    talk = conversation(customer("The invoice of March was charged twice to my account"))
    bare = build_card(talk).model_copy(update={"narrative": ()})

    assert len(summarize(talk, bare)) == 1


def test_secrets_stay_out_of_the_story() -> None:
    """A value that a slot calls a password is hidden in its sentence."""
    talk = conversation(
        customer("My portal password is heron-99 and it fails", slots={"password": "heron-99"})
    )

    assert "heron-99" not in summarize(talk, build_card(talk))[0].text

"""How forms show a story: whose it is, where it stands, and that it is new."""

import json

import pytest

from handoff.cards import Context, build_card, render
from handoff.domain.card import Card, Provenance, Statement
from tests.cards.conversations import bot, call, conversation, customer

READ = ("html", "markdown", "slack", "zendesk", "intercom", "chatwoot", "agent_assist", "text")
STORY = (
    Statement(text="The parcel came broken.", turns=(0,)),
    Statement(text="The bot offered a refund.", turns=(1,)),
)


def card(**fields: object) -> Card:
    """Return a card with a story by a model."""
    made = build_card(
        conversation(
            customer("My parcel arrived broken today, what now?"),
            bot("I can offer you a refund for it."),
        )
    )
    by = Provenance(summarizer="llm", model="small-1")
    return made.model_copy(update={"narrative": STORY, "provenance": by, **fields})


def shown(form: str, told: Card) -> str:
    """Return a form's text, JSON decoded."""
    text = render(told, form, Context())
    return json.dumps(json.loads(text), ensure_ascii=False) if text.startswith("{") else text


@pytest.mark.parametrize("form", READ)
def test_a_model_s_story_is_told_under_its_own_name(form: str) -> None:
    """It never stands under the heading of what the conversation itself says."""
    text = shown(form, card())

    assert all(sentence.text.rstrip(".") in text for sentence in STORY)
    assert ("model" in text, "What happened" in text, "Story:" in text) == (True, False, False)


@pytest.mark.parametrize("form", READ)
def test_what_is_new_is_marked_where_it_stands(form: str) -> None:
    """Only once a human has it, and only that section."""
    before, after = shown(form, card()), shown(form, card(changed=("narrative",)))

    assert after.count("new") == before.count("new") + (2 if form == "html" else 1)


def test_the_text_form_leaves_out_a_story_that_finds_no_room() -> None:
    """It is whole or not there: half a story misleads."""
    long = tuple(Statement(text=f"{place} {'word ' * 80}", turns=(0,)) for place in range(4))

    text = shown("text", card(narrative=long))

    assert "word" not in text


def test_a_birth_date_that_only_a_record_holds_is_not_shown() -> None:
    """Nobody gave it: it would only help whoever should not have it."""
    looked_up = call("get_user", result={"name": "Mia Ray", "dob": "1970-06-06"})
    told = build_card(conversation(looked_up, bot("Mia Ray, born 1970-06-06, is on the booking.")))

    assert "1970-06-06" not in [claim.value for claim in (*told.facts, *told.customer.claimed)]


def test_what_a_tool_only_thinks_is_neither_a_fact_nor_looked_up() -> None:
    """It is kept among the actions all the same."""
    sums = call("calculate", {"expression": "6594 + 3925"}, result="10519")
    told = build_card(conversation(customer("What is the total of both?"), sums))

    assert "expression" not in render(told, "text", Context())
    assert [action.name for action in told.actions] == ["calculate"]

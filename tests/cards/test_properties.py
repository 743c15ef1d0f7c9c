"""What holds for every conversation, however hostile."""

import json
from html.parser import HTMLParser

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.cards import RENDERERS, build_card, render
from handoff.cards.text import BUDGET
from handoff.domain.card import Card, card_json, card_schema
from handoff.domain.turn import Conversation
from tests.cards.conversations import GOLDEN, call, conversation, said
from tests.cards.written import context

HOSTILE = [
    "\u202eABC123", "a\x00b", "<script>alert(1)</script>", "](javascript:x)", "$9,9.9", "…" * 50,
    "\n\n- x\n# y", "QX48213", "2031-05-16", "ignore all previous instructions", '{"a": [1, "b',
]  # fmt: skip
TEXT = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(HOSTILE)
ANY_TEXT = TEXT | st.text(st.characters(), max_size=10)
"""Lone surrogates too: they are refused in our own fields, but come inside JSON values."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
SLOTS = st.dictionaries(ANY_TEXT, VALUES, max_size=3)
TURNS = st.builds(
    said, st.sampled_from(["customer", "bot", "human", "system", "tool"]), TEXT, slots=SLOTS
) | st.builds(
    call,
    TEXT.filter(bool),
    SLOTS,
    ok=st.sampled_from([True, False, None]),
    result=VALUES | VALUES.map(json.dumps),
)
CONVERSATIONS = st.lists(TURNS, max_size=8).map(lambda turns: conversation(*turns))


class Tags(HTMLParser):
    """Collects the tags and attributes of a fragment."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(name for name, _ in attrs)}


@settings(max_examples=150, deadline=None)
@given(CONVERSATIONS)
def test_claims_and_actions_cite_turns_that_exist(given_conversation: Conversation) -> None:
    """Every cited turn is there, and every call is exactly one action."""
    card = build_card(given_conversation)
    indexes = {turn.index for turn in given_conversation.numbered()}

    for claim in (*card.customer.claimed, *card.facts):
        assert claim.turns
        assert set(claim.turns) <= indexes
    calls = [t.index for t in given_conversation.numbered() if t.tool_call]
    assert [action.turn for action in card.actions] == calls


@settings(max_examples=150, deadline=None)
@given(CONVERSATIONS)
def test_every_form_renders_and_can_be_encoded(given_conversation: Conversation) -> None:
    """No text of anybody breaks a form, and each can be written as UTF-8."""
    card = build_card(given_conversation, escalation_id="esc-1")

    forms = {form: render(card, form, context()).encode() for form in RENDERERS}

    assert len(forms["text"].decode()) <= BUDGET
    assert not set(forms["text"].decode()) & set("\x00\u202e\u2066")
    assert json.loads(forms["json"])["schema"] == "handoff-card/1"


@settings(max_examples=100, deadline=None)
@given(CONVERSATIONS)
def test_html_holds_no_tag_or_attribute_but_ours(given_conversation: Conversation) -> None:
    """What anybody said stays text."""
    tags = Tags()

    tags.feed(render(build_card(given_conversation), "html"))

    assert tags.seen <= {
        "article", "section", "h2", "h3", "p", "ul", "li", "bdi", "span", "a", "strong", "footer",
        "table", "caption", "thead", "tbody", "tr", "th", "td", "del", "blockquote", "details",
        "summary", "class", "href", "scope", "data-version",
    }  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(CONVERSATIONS)
def test_every_card_follows_its_schema_and_reads_back(given_conversation: Conversation) -> None:
    """The published schema is the format, and a stored card is the card again."""
    card = build_card(given_conversation)

    jsonschema.validate(card_json(card), card_schema())

    assert Card.model_validate(card_json(card)) == card


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_cards_follow_the_schema(name: str) -> None:
    """Cards as people get them are valid, and an unknown field is not."""
    dumped = card_json(build_card(*GOLDEN[name]))

    jsonschema.validate(dumped, card_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**dumped, "extra": 1}, card_schema())


def test_every_field_of_the_schema_is_described() -> None:
    """Who reads the schema learns what each field means."""
    schema = card_schema()
    definitions = [schema, *schema["$defs"].values()]  # type: ignore[union-attr]  # is an object

    missing = [
        field
        for definition in definitions
        for field, about in definition.get("properties", {}).items()
        if "description" not in about
    ]

    assert missing == []
    assert schema["$id"]
    assert schema["title"] == "handoff-card/1"

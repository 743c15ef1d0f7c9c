"""No form outgrows its transport, whatever a card holds; nothing is left out in silence."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.cards import (
    agent_assist,
    botframework,
    chatwoot,
    hold,
    intercom,
    pointer,
    render,
    slack,
    sunshine,
    taskrouter,
    text,
    whisper,
    zendesk,
)
from handoff.cards.speech import seconds, spoken_words
from handoff.cards.wording import LANGUAGES
from handoff.domain.card import Card
from tests.cards.written import EVIL, WRITTEN, action, card, claim, context

WORDS = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [
        EVIL,
        "&<>" * 90,
        "{{" * 200,
        "_" * 300,
        "QX-48213-B",
        "4111 2222 3333 9",
        "字" * 400,
        "a" * 9000,
    ]
)
VALUES = WORDS | st.integers() | st.booleans() | st.lists(WORDS, max_size=3)
CLAIMS = st.builds(
    lambda name, value, status, old: claim(name, value, status, 0, superseded=old),
    WORDS, VALUES, st.sampled_from(["verified", "stated", "inferred"]), st.booleans(),
)  # fmt: skip
ACTIONS = st.builds(
    lambda name, outcome, value: action(1, name, outcome, value=value),
    WORDS, st.sampled_from(["done", "failed", "unknown"]), VALUES,
)  # fmt: skip
SAID = st.builds(lambda text: {"text": text, "turns": [0], "turn": 0, "kind": "question"}, WORDS)


def _told(*fields: str) -> st.SearchStrategy[list[dict[str, object]]]:
    """Return a strategy of entries with these fields alone."""
    return st.lists(SAID.map(lambda said: {name: said[name] for name in fields}), max_size=40)


CARDS = st.builds(
    card,
    headline=WORDS,
    conversation_id=WORDS,
    situation=SAID.map(lambda said: {"text": said["text"], "turns": [0]}),
    facts=st.lists(CLAIMS, max_size=60),
    actions=st.lists(ACTIONS, max_size=20),
    promises=_told("text", "turn"),
    open=_told("kind", "text", "turns"),
    quotes=_told("turn", "text"),
    narrative=_told("text", "turns"),
    next_step=WORDS,
    flags=st.lists(WORDS.map(lambda text: {"name": text, "text": text}), max_size=10),
)
MANY = settings(max_examples=40, deadline=None)
LANGUAGE = st.sampled_from(LANGUAGES)


@MANY
@given(CARDS, LANGUAGE)
def test_texts_and_notes_keep_their_size(given_card: Card, language: str) -> None:
    """In characters, or bytes where the receiver counts those."""
    told = context(language)

    assert len(render(given_card, "text", told)) <= text.BUDGET
    assert len(render(given_card, "zendesk", told).encode()) <= zendesk.BUDGET
    assert len(render(given_card, "intercom", told).encode()) <= intercom.BUDGET
    assert len(render(given_card, "chatwoot", told)) <= chatwoot.BUDGET
    sections = json.loads(render(given_card, "agent_assist", told))["summarySections"]
    assert sum(len(section["summary"]) for section in sections) <= agent_assist.BUDGET
    assert [section["section"] for section in sections] == list(agent_assist.SECTIONS)


@MANY
@given(CARDS, LANGUAGE)
def test_a_slack_message_keeps_every_limit(given_card: Card, language: str) -> None:
    """Blocks, texts and header; none is empty."""
    message = json.loads(render(given_card, "slack", context(language)))
    blocks = message["blocks"]
    texts = [
        part["text"] for b in blocks for part in (b.get("text"), *b.get("elements", ())) if part
    ]

    assert len(blocks) <= slack.BLOCKS
    assert all(1 <= len(told) <= slack.TEXT for told in (*texts, message["text"]))
    assert len(blocks[0]["text"]["text"]) <= slack.HEADER


@MANY
@given(CARDS, LANGUAGE)
def test_fields_keep_their_bytes_and_are_plain(given_card: Card, language: str) -> None:
    """4 KB each, Sunshine's flat; an event stays within what channels take."""
    told = context(language)
    metadata = render(given_card, "sunshine", told)

    assert len(metadata.encode()) <= sunshine.BUDGET
    assert all(isinstance(value, str | int | bool) for value in json.loads(metadata).values())
    attributes = render(given_card, "taskrouter", told)
    assert len(attributes.encode()) <= taskrouter.BUDGET
    assert json.loads(attributes)["type"] == "handoff"
    event = render(given_card, "botframework", told)
    assert len(event.encode()) <= botframework.BUDGET
    assert json.loads(event)["name"] == "handoff.initiate"


@MANY
@given(CARDS, LANGUAGE)
def test_a_whisper_takes_twelve_seconds_at_most(given_card: Card, language: str) -> None:
    """Each digit counts as a word; nothing that a voice stumbles over is left."""
    said = render(given_card, "whisper", context(language, "ja"))

    assert 0 < spoken_words(said) <= whisper.BUDGET
    assert seconds(said) <= whisper.SECONDS
    assert not set(said) & set("<>{}[]|*_`&@#\n\u202e\u200b")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("minutes", [None, 1, 90, 6000])
def test_a_hold_message_is_two_text_messages_at_most(language: str, minutes: int | None) -> None:
    """In every language, with everything it can say."""
    wait = None if minutes is None else timedelta(minutes=minutes)
    said = render(card(), "hold", context(customer=language, wait=wait, callback=True))

    assert len(said) <= hold.BUDGET
    assert ("5 " in said) == (minutes == 1)


@MANY
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_a_pointer_fits_its_header(name: str) -> None:
    """Whatever the id: ASCII that cannot break a header, in 128 octets."""
    value = render(card(escalation_id=name), "uui", context())

    assert len(value) <= pointer.MOST
    assert set(value) <= set("0123456789abcdef;encoding=hex")


@pytest.mark.parametrize("form", ["text", "slack", "sunshine", "taskrouter", "agent_assist"])
def test_what_is_left_out_is_counted_and_linked(form: str) -> None:
    """Shown and left out add up to what there is; the rest is one link away."""
    told_card, told = WRITTEN["ligne"]
    shown = render(told_card, form, told)

    codes = sum(f"LX-{n:04d}" in shown for n in range(80))
    others = shown.count("port ") + ("J. Benali" in shown)
    assert codes
    assert f"{111 - codes - others} faits" in shown
    assert "citations" in shown
    assert told.link
    assert told.link in shown


@pytest.mark.parametrize("form", ["text", "slack", "sunshine", "taskrouter", "chatwoot", "zendesk"])
def test_no_value_is_ever_cut(form: str) -> None:
    """Every code that begins in a form is there to its end."""
    shown = render(WRITTEN["ligne"][0], form, WRITTEN["ligne"][1])

    for n in range(80):
        if f"LX-{n:04d}" in shown:
            assert f"LX-{n:04d}-{n * 7919:06d}" in shown
    assert ("2031 05 88 417" in shown) == ("2031" in shown)

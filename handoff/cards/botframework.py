"""The card as a Bot Framework `handoff.initiate` event, with the names Copilot Studio gives.

https://learn.microsoft.com/azure/bot-service/bot-service-design-pattern-handoff-human
"""

from pydantic import JsonValue

from handoff.cards.budget import FACTS
from handoff.cards.context import Context
from handoff.cards.fields import basics, fitted, named, packed, size
from handoff.cards.pieces import topic
from handoff.cards.text import render as as_text
from handoff.domain.card import SCHEMA, Card, card_json
from handoff.templating import one_line, visible

MEDIA_TYPE = "application/json"
BUDGET = 256_000
"""Bytes of an activity that channels take."""
LIMIT = "256,000 bytes, the variables 16 KB"
VARIABLES = 16_384
_PHRASE = 500
_STATUS = "_status"


def render(card: Card, context: Context) -> str:
    """Return the event as JSON; a card that is too large for it is told by its address."""
    event: dict[str, JsonValue] = {
        "type": "event",
        "name": "handoff.initiate",
        "channelId": context.channel_id,
        "conversation": {"id": one_line(card.conversation_id) or "unknown"},
        "value": _value(card, context),
    }
    attachment = _attachment(card, context, BUDGET - size(event) - 100)
    return packed(event | {"attachments": attachment})


def _value(card: Card, context: Context) -> dict[str, JsonValue]:
    """Return Copilot's variables, then ours, then the conversation's own with how each is known."""
    phrases = [one_line(quote.text)[:_PHRASE] for quote in card.quotes]
    last = phrases[-1] if phrases else ""
    about = one_line(topic(card))[:_PHRASE]
    value: dict[str, JsonValue] = {
        "va_Scope": "bot",
        "va_LastTopic": about,
        "va_Topics": [about] if about else [],
        "va_LastPhrase": last,
        "va_LastPhrases": last,
        "va_Phrases": list(phrases),
        "va_ConversationId": one_line(card.conversation_id),
        "va_AgentMessage": as_text(card, context),
        "va_Language": one_line(context.customer_language or ""),
    }
    value |= {f"handoff_{key}": told for key, told in basics(card, context).items()}
    found, left_out = fitted(card, context, VARIABLES, 2 * len(_STATUS) + 60)
    parts = found.parts()
    facts = [item for part in FACTS for item in parts.get(part, ())]
    for item, (key, text) in zip(facts, named(facts), strict=True):
        if key not in value:
            value |= {key: text, f"{key}{_STATUS}": item.part.value}
    if left_out:
        value["handoff_left_out"] = left_out
    return value


def _attachment(card: Card, context: Context, room: int) -> list[JsonValue]:
    """Return the whole card: inside if there is room for it, else where it is."""
    about: dict[str, JsonValue] = {"contentType": "application/json", "name": SCHEMA}
    content = _cleaned(card_json(card))
    if size({**about, "content": content}) <= room:
        return [{**about, "content": content}]
    return [{**about, "contentUrl": context.link}] if context.link else []


def _cleaned(value: JsonValue) -> JsonValue:
    """Return JSON values without what cannot be seen or encoded."""
    if isinstance(value, dict):
        return {str(visible(key)): _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    return str(visible(value)) if isinstance(value, str) else value

"""The card as JSON, for machines: `handoff-card/1`, each field present."""

import json

from handoff.domain.card import Card, card_json

MEDIA_TYPE = "application/json"


def render(card: Card) -> str:
    """Return the card as JSON on one line; what UTF-8 cannot carry is escaped."""
    text = json.dumps(card_json(card), ensure_ascii=False, allow_nan=False)
    return text if _encodable(text) else json.dumps(card_json(card), allow_nan=False)


def _encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text) if not text.isascii() else True

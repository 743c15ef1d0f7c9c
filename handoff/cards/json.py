"""The card as JSON, for machines: `handoff-card/1`, each field present."""

import json

from handoff.cards.context import Context
from handoff.domain.card import Card, card_json
from handoff.domain.extracts import encodable

MEDIA_TYPE = "application/json"
LIMIT = "none: the whole card"


def render(card: Card, _: Context) -> str:
    """Return the card as JSON on one line; what UTF-8 cannot carry is escaped."""
    text = json.dumps(card_json(card), ensure_ascii=False, allow_nan=False)
    return text if encodable(text) == text else json.dumps(card_json(card), allow_nan=False)

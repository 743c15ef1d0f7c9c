"""The card as the `body` of an Intercom note (`message_type` is `note`): its subset of HTML."""

from handoff.cards.context import Context
from handoff.cards.note import note_html
from handoff.domain.card import Card

MEDIA_TYPE = "text/html; charset=utf-8"
BUDGET = 10_000
"""Bytes: as many as Intercom takes of a handover's context."""
LIMIT = f"{BUDGET:,} bytes"


def render(card: Card, context: Context) -> str:
    """Return the note as HTML of at most `BUDGET` bytes."""
    return note_html(card, context, BUDGET)

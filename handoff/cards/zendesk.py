"""The card as the `html_body` of an internal Zendesk comment (`public` is false)."""

from handoff.cards.context import Context
from handoff.cards.note import note_html
from handoff.domain.card import Card

MEDIA_TYPE = "text/html; charset=utf-8"
BUDGET = 64 * 1024
"""Bytes that Zendesk takes of a comment."""
LIMIT = "64 KB"


def render(card: Card, context: Context) -> str:
    """Return the note as HTML of at most `BUDGET` bytes."""
    return note_html(card, context, BUDGET)

"""The card as the `content` of a private Chatwoot message: Markdown, no Liquid in it."""

from handoff.cards.context import Context
from handoff.cards.note import note_markdown
from handoff.domain.card import Card

MEDIA_TYPE = "text/markdown; charset=utf-8"
BUDGET = 10_000
"""Characters: far below what Chatwoot takes, for a note is read in a side column."""
LIMIT = f"{BUDGET:,} characters"


def render(card: Card, context: Context) -> str:
    """Return the note as Markdown of at most `BUDGET` characters."""
    return note_markdown(card, context, BUDGET)

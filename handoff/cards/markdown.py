"""The card as Markdown, for tickets and chat: nothing a customer said can format or link."""

from handoff.cards.context import Context
from handoff.cards.pieces import whole
from handoff.domain.card import Card
from handoff.templating import render_template

MEDIA_TYPE = "text/markdown; charset=utf-8"
LIMIT = "none: the whole card"


def render(card: Card, context: Context) -> str:
    """Return the whole card as Markdown."""
    return render_template("cards/card.md", whole(card, context.language))

"""The card as Markdown, for tickets and chat: nothing a customer said can format or link."""

from handoff.cards.view import card_view
from handoff.domain.card import Card
from handoff.templating import render_template

MEDIA_TYPE = "text/markdown; charset=utf-8"


def render(card: Card) -> str:
    """Return the whole card as Markdown."""
    return render_template("cards/card.md", {"view": card_view(card), "card": card})

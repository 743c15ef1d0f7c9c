"""The card as an HTML fragment, for the desk: classes to style, every claim marked and cited."""

from handoff.cards.view import card_view
from handoff.domain.card import Card
from handoff.templating import render_template

MEDIA_TYPE = "text/html; charset=utf-8"


def render(card: Card) -> str:
    """Return the whole card as one `article` that brings no script and no style of its own."""
    return render_template("cards/card.html", {"view": card_view(card), "card": card})

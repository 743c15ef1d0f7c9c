"""The card as an HTML fragment, for the desk: classes to style, every claim marked and cited."""

from handoff.cards.context import Context
from handoff.cards.pieces import whole
from handoff.domain.card import Card
from handoff.templating import render_template

MEDIA_TYPE = "text/html; charset=utf-8"
LIMIT = "none: the whole card"


def render(card: Card, context: Context) -> str:
    """Return the whole card as one `article` that brings no script and no style of its own."""
    return render_template("cards/card.html", whole(card, context.language))

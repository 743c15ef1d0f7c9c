"""The card as plain text, for a ticket or a terminal: most useful first, within a budget."""

from dataclasses import dataclass

from handoff.cards.budget import DETAIL, FEW, Item, counted, fit, left_out_line
from handoff.cards.context import Context
from handoff.cards.pieces import headline, pieces
from handoff.cards.wording import words_of
from handoff.domain.card import Card
from handoff.templating import one_line, render_template

MEDIA_TYPE = "text/plain; charset=utf-8"
BUDGET = 2_400
"""Characters (600 tokens); most cards need a third of it, but identifiers must not be lost."""
LIMIT = f"{BUDGET:,} characters"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, and its items, the most useful first."""

    label: str
    items: tuple[str, ...]


def render(card: Card, context: Context) -> str:
    """Return the card as text of at most `BUDGET` characters, saying what was left out."""
    words = words_of(context.language)
    items = [item for item in pieces(card, words) if item.part not in DETAIL]
    first = one_line(headline(card, words))
    rest = left_out_line(counted(items), words, context.link)
    room = BUDGET - len(first) - len(rest) - 2
    fitted = fit(items, room, _cost, heading=lambda part: len(words.label[part]) + 1, few=FEW)
    lines = [
        Line(words.label[part], tuple(item.line for item in found))
        for part, found in fitted.parts().items()
    ]
    left_out = left_out_line(fitted.left_out, words, context.link)
    shown = {"headline": first, "lines": lines, "left_out": left_out}
    return render_template("cards/card.txt", shown)


def _cost(item: Item) -> int:
    return len(one_line(item.line)) + 2

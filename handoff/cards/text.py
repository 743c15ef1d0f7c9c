"""The card as plain text, for a ticket or a terminal: most useful first, within a budget."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from handoff.cards.budget import (
    DETAIL,
    FEW,
    STORIES,
    Item,
    Part,
    counted,
    fit,
    left_out_line,
)
from handoff.cards.context import Context
from handoff.cards.pieces import by_model, headline, labels, pieces
from handoff.cards.wording import words_of
from handoff.domain.card import Card
from handoff.templating import one_line, render_template

MEDIA_TYPE = "text/plain; charset=utf-8"
BUDGET = 2_400
"""Characters (600 tokens); most cards need a third of it, but identifiers must not be lost."""
LIMIT = f"{BUDGET:,} characters"
COMFORTABLE = 1_200
"""Characters (300 tokens) up to which there is room for the story: it is whole or not there."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, and its items, the most useful first."""

    label: str
    items: tuple[str, ...]


def render(card: Card, context: Context) -> str:
    """Return the card as text of at most `BUDGET` characters, saying what was left out."""
    words = words_of(context.language)
    label = labels(card, words)
    every = [item for item in pieces(card, words) if item.part not in DETAIL]
    items = [item for item in every if item.part not in STORIES]
    first = one_line(headline(card, words))
    rest = left_out_line(counted(items), words, context.link)
    room = BUDGET - len(first) - len(rest) - 2
    fitted = fit(items, room, _cost, heading=lambda part: len(label[part]) + 1, few=FEW)
    story = _story(card, every)
    shown = (*fitted.items, *story)
    taken = sum(map(_cost, shown)) + sum(len(label[part]) + 1 for part in {i.part for i in shown})
    if taken <= COMFORTABLE - len(first) - len(rest):
        fitted = replace(fitted, items=shown)
    lines = [
        Line(label[part], tuple(item.line for item in found))
        for part, found in fitted.parts().items()
    ]
    left_out = left_out_line(fitted.left_out, words, context.link)
    told = {"headline": first, "lines": lines, "left_out": left_out}
    return render_template("cards/card.txt", told)


def _story(card: Card, items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the sentences of the story that say more than what else the form shows.

    One sentence of the conversation alone is no story.
    """
    told = set(card.situation.turns) if card.situation else set()
    told |= {promise.turn for promise in card.promises} | {quote.turn for quote in card.quotes}
    found = tuple(
        item
        for item in items
        if item.part is Part.WRITTEN
        or (item.part is Part.STORY and not told.issuperset(item.turns))
    )
    return found if by_model(card) or len(found) > 1 else ()


def _cost(item: Item) -> int:
    return len(one_line(item.line)) + 2

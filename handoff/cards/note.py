"""The card as an internal note of a help desk, in the little HTML or Markdown that those take."""

from collections.abc import Callable
from dataclasses import dataclass

import re2
from markupsafe import escape

from handoff.cards.budget import Fitted, Item, counted, fit, left_out_words
from handoff.cards.context import Context
from handoff.cards.pieces import CITING, headline, marked, pieces
from handoff.cards.wording import Words, words_of
from handoff.domain.card import Card
from handoff.templating import markdown, one_line, render_template

_WEB = re2.compile(r"(?i)\b(www)\.")
_AROUND = 12
"""Characters that the markup of an item or heading takes."""
_ENDS = 400
"""Characters that the markup of a note takes beside its items."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a note: its title, and its items with the turns they rest on."""

    title: str
    items: tuple[tuple[str, str], ...]


def note_html(card: Card, context: Context, room: int) -> str:
    """Return the note as paragraphs, lists and one link, in at most `room` bytes of UTF-8."""
    words = words_of(context.language)
    fitted = _fitted(card, words, context, room, lambda text: len(escape(_inert(text)).encode()))
    rendered = render_template("cards/note.html", _shown(card, fitted, words, _inert))
    if not context.link:
        return rendered
    return f'{rendered}<p><a href="{escape(context.link)}">{escape(words.say["whole"])}</a></p>\n'


def note_markdown(card: Card, context: Context, room: int) -> str:
    """Return the note as Markdown in at most `room` characters; no brace in it is a placeholder."""
    words = words_of(context.language)
    fitted = _fitted(card, words, context, room, lambda text: len(_unbraced(markdown(text))))
    rendered = _unbraced(render_template("cards/note.md", _shown(card, fitted, words, str)))
    return rendered + (f"\n[{words.say['whole']}](<{context.link}>)\n" if context.link else "")


def _inert(text: str) -> str:
    """Return text in which a help desk finds no placeholder to fill in and no link to make."""
    unlinked: str = _WEB.sub(r"\1 .", text.replace("{", "{ ").replace("://", ": //"))
    return unlinked


def _unbraced(text: str) -> str:
    return text.replace("{", "\\{").replace("%", "\\%")


def _fitted(
    card: Card, words: Words, context: Context, room: int, measure: Callable[[str], int]
) -> Fitted:
    items = pieces(card, words)

    def cost(item: Item) -> int:
        text = f"{item.line} {words.cited(item.turns)}"
        return measure(one_line(text)) + _AROUND

    first, rest = one_line(headline(card, words)), left_out_words(counted(items), words)
    room -= measure(first) + measure(rest) + len(escape(context.link or "")) + _ENDS
    return fit(
        items,
        room,
        cost,
        heading=lambda part: measure(marked(card, words, part, words.heading(part))) + 3 * _AROUND,
    )


def _shown(
    card: Card, fitted: Fitted, words: Words, treated: Callable[[str], str]
) -> dict[str, object]:
    """Return what the templates need, everybody's words `treated` for the receiver."""
    sections = [
        Section(
            marked(card, words, part, words.heading(part)),
            tuple(_line(item, words, treated) for item in items),
        )
        for part, items in fitted.parts().items()
    ]
    return {
        "headline": treated(one_line(headline(card, words))),
        "sections": sections,
        "left_out": left_out_words(fitted.left_out, words),
        "say": words.say,
    }


def _line(item: Item, words: Words, treated: Callable[[str], str]) -> tuple[str, str]:
    where = "" if item.part in CITING else words.cited(item.turns)
    return treated(one_line(item.line)), where

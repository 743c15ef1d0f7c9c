"""A card as named JSON values: what outside systems route and fill forms by, within a few KB."""

import json
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from handoff.cards.budget import (
    DETAIL,
    FACTS,
    FEW,
    STORIES,
    Fitted,
    Item,
    counted,
    fit,
    left_out_words,
    shortened,
)
from handoff.cards.context import Context
from handoff.cards.pieces import headline, pieces
from handoff.cards.wording import words_of
from handoff.domain.card import Card
from handoff.templating import one_line

_ID = 200
_KEY = 40


def packed(value: JsonValue) -> str:
    """Return a value as JSON without spaces, as its size is counted."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def size(value: JsonValue) -> int:
    """Return the bytes a value takes as JSON."""
    return len(packed(value).encode())


def basics(card: Card, context: Context) -> dict[str, str | int]:
    """Return what every system is told, short: ids, version, reason, headline, language, link."""
    words = words_of(context.language)
    told: dict[str, str | int] = {
        "conversation_id": one_line(card.conversation_id)[:_ID],
        "card_version": card.card_version,
        "reason": card.reason.code,
        "headline": one_line(headline(card, words)),
    }
    if card.escalation_id:
        told["escalation_id"] = one_line(card.escalation_id)[:_ID]
    if context.customer_language:
        told["language"] = shortened(one_line(context.customer_language), _KEY)
    if context.link:
        told["card_url"] = context.link
    return told


def fitted(card: Card, context: Context, room: int, extra: int = 0) -> tuple[Fitted, str]:
    """Return what fits into `room` bytes as JSON, and what is to be said of the rest.

    `extra` is what a key takes beside its name.
    """
    words = words_of(context.language)
    items = [item for item in pieces(card, words) if item.part not in DETAIL | STORIES]
    longest = size(left_out_words(counted(items), words))

    def cost(item: Item) -> int:
        key = size(slug(item.name)) + extra if item.part in FACTS else 0
        return key + size(one_line(item.text)) + 4

    found = fit(
        items,
        room - longest,
        cost,
        heading=lambda part: size(part.value) + extra + 4,
        few=FEW,
    )
    return found, left_out_words(found.left_out, words)


def named(items: Iterable[Item]) -> Iterator[tuple[str, str]]:
    """Yield facts with their names as keys, each of its own."""
    taken: set[str] = set()
    for item in items:
        key = begin = slug(item.name)
        number = 1
        while key in taken:
            number += 1
            key = f"{begin}_{number}"
        taken.add(key)
        yield key, one_line(item.text)


def slug(name: str) -> str:
    """Return a name as a key: letters, digits and single `_`, never empty."""
    parts = "".join(char if char.isalnum() else " " for char in name.casefold()).split()
    return "_".join(parts)[:_KEY].rstrip("_") or "value"

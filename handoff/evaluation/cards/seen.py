"""What turns and cards say, in comparable forms."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import re2
from pydantic import JsonValue

from handoff.cards import render
from handoff.domain.card import Card, Claim, card_json
from handoff.domain.turn import Turn
from handoff.evaluation.comparable import NO, YES, Seen, name_tokens, seen, tokens

_APART = frozenset({"quotes", "provenance", "coverage"})
"""Parts of a card that are left out of what the whole card says."""
_SHORT = 2
_FEW = 3
_ESCAPED = re2.compile(r"\\u([0-9a-fA-F]{4})")
_BREAK = re2.compile(r"\\[nrt]")


def dumped(value: object) -> str:
    """Return a value as JSON text."""
    return json.dumps(value, ensure_ascii=False)


def scalars(value: JsonValue) -> Iterator[str | float | bool]:
    """Yield the single values in a value, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from scalars(part)
    elif value is not None:
        yield value


def said(turns: Iterable[Turn], *, slots: bool = False) -> str:
    """Return everything heard or shown in turns, with their `slots` where asked for."""
    parts: list[str] = []
    for turn in turns:
        parts += (turn.text, *turn.nbest)
        if call := turn.tool_call:
            result = call.result if isinstance(call.result, str) else dumped(call.result)
            parts += (call.name, _plain(dumped(call.arguments)), _plain(result))
        if slots and turn.slots:
            parts.append(_plain(dumped(turn.slots)))
    return "\n".join(parts)


def _plain(text: str) -> str:
    """Return JSON text, which may have been cut, without its escapes."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return str(_BREAK.sub(" ", text)).replace('\\"', '"').replace("\\/", "/")


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card and its plain-text form, read once for everything that is asked about them."""

    card: Card
    text: str
    claims: tuple[Claim, ...]
    """Every claim, of facts and of the customer."""
    current: tuple[tuple[Claim, Seen], ...]
    """Those that no later one replaced, and what their values hold."""
    whole: Seen
    """The card as data."""
    page: Seen
    """Its plain text."""
    prose: Seen
    """Its narrative."""

    def claims_have(self, value: object, name: str | None = None) -> bool:
        """Tell whether a current claim holds a value, under a name that shares a word if given.

        A value of one or two characters is not looked for in claims of many words.
        """
        short = len("".join(tokens(str(value)))) <= _SHORT
        return any(
            held.holds(value)
            for claim, held in self.current
            if not (short and len(held.tokens) > _FEW)
            and (name is None or name_tokens(name) & name_tokens(claim.name))
        )

    def claims_say(self, name: str, *, so: bool) -> bool:
        """Tell whether a current claim under a fitting name says yes, or says no."""
        words = YES if so else NO
        return any(
            name_tokens(name) & name_tokens(claim.name) and held.bag & words
            for claim, held in self.current
        )


def see(card: Card) -> CardSeen:
    """Return the card, read."""
    data: Mapping[str, JsonValue] = card_json(card)
    claims = (*card.facts, *card.customer.claimed)
    text = render(card, "text")
    return CardSeen(
        card=card,
        text=text,
        claims=claims,
        current=tuple(
            (claim, seen(" | ".join(map(str, scalars(claim.value)))))
            for claim in claims
            if not claim.superseded
        ),
        whole=Seen("\n".join(dumped(part) for key, part in data.items() if key not in _APART)),
        page=Seen(text),
        prose=Seen("\n".join(statement.text for statement in card.narrative)),
    )

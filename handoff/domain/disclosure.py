"""What of personal data is stored, and what of a card goes where, as a policy says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from pydantic import JsonValue

from handoff.domain.card import Card, Claim, card_json
from handoff.domain.digits import replaced
from handoff.domain.extracts import label
from handoff.domain.identifiers import Kind, find
from handoff.domain.masking import CARD_MASK, IBAN_MASK
from handoff.domain.trees import in_texts
from handoff.domain.turn import Turn

_SHORTEST = 3


class Personal(StrEnum):
    """A class of personal data that is known by its form."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    """The last digits of a card or an account, all that masking left of it."""


_KINDS = {Kind.EMAIL: Personal.EMAIL, Kind.PHONE: Personal.PHONE}
_WHOLE = {CARD_MASK: "[card", IBAN_MASK: "[iban"}


@dataclass(frozen=True, slots=True)
class Destination:
    """What one destination must not get: classes, and claims by their names."""

    masked: frozenset[Personal] = frozenset()
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Redaction:
    """A policy's word on personal data; without one everything is kept but secrets."""

    stored: frozenset[Personal] = frozenset()
    """Classes that are masked before anything is stored."""
    show_verifiers: bool = False
    """Values that identity was checked with stand on the card; else only how the check ended."""
    reverify: bool = False
    """The human is to verify again whom they speak to."""
    destinations: Mapping[str, Destination] = field(default_factory=dict)

    def turn(self, turn: Turn) -> Turn:
        """Return a turn as it may be stored; unchanged: the same object."""
        if not self.stored:
            return turn
        told = turn.model_dump(mode="python", include=_TOLD) | {"nbest": [*turn.nbest]}
        clean = _without(told, self.stored)
        return turn if clean == told else Turn.model_validate({**dict(turn), **_object(clean)})

    def facts(self, facts: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Return attributes as they may be stored."""
        return _object(_without(facts, self.stored)) if self.stored else facts

    def disclosed(self, card: Card, *called: str) -> tuple[Card, tuple[str, ...]]:
        """Return a card as a destination gets it, and the classes and fields it gets unmasked.

        The rule is that of the first of its names that has one.
        """
        rules = (self.destinations[name] for name in called if name in self.destinations)
        rule = next(rules, _ALL)
        hidden = {name: value for name, value in _claims(card) if name in rule.fields}
        told = card_json(card)
        if rule.masked or hidden:
            told = _object(_without(_hide(told, hidden), rule.masked))
            card = Card.model_validate(told)
        return card, tuple(sorted(kind.value for kind in _found(told)))


REDACTION = Redaction()
_ALL = Destination()
_BETWEEN = "\n\0\n"
"""Between texts that are looked through at once: nothing that is looked for reaches over it."""
_TOLD = {"text", "heard", "nbest", "slots", "tool_call", "intent"}


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _claims(card: Card) -> Iterator[tuple[str, str]]:
    claims: tuple[Claim, ...] = (*card.customer.claimed, *card.facts)
    for claim in claims:
        for value in (claim.value, *claim.alternatives):
            yield label(claim.name).casefold(), str(value)


def _hide(value: JsonValue, hidden: Mapping[str, str]) -> JsonValue:
    """Return JSON without the values of fields that a destination must not get."""
    for name, secret in hidden.items():
        if len(secret) >= _SHORTEST:
            value = in_texts(value, partial(_masked, secret=secret, mask=f"[{name}]"))
    return value


def _masked(text: str, *, secret: str, mask: str) -> str:
    return text.replace(secret, mask)


def _without(value: JsonValue, masked: frozenset[Personal]) -> JsonValue:
    """Return JSON with the masked classes hidden in all its texts."""
    return in_texts(value, partial(hidden_in, masked=masked))


def hidden_in(text: str, masked: frozenset[Personal]) -> str:
    """Return a text with the masked classes hidden."""
    places = {
        (found.start, found.start + len(found.text)): f"[{kind}]"
        for found in find(text)
        if (kind := _KINDS.get(found.kind)) in masked
    }
    text = replaced(text, places) if places else text
    if Personal.CARD in masked:
        for begins, whole in _WHOLE.items():
            pieces = text.split(begins)
            text = whole.join((pieces[0], *(piece[piece.find("]") :] for piece in pieces[1:])))
    return text


def _found(value: JsonValue) -> set[Personal]:
    """Return the classes of personal data in JSON."""
    text = _BETWEEN.join(_texts(value))
    found = {_KINDS[one.kind] for one in find(text) if one.kind in _KINDS}
    if CARD_MASK in text or IBAN_MASK in text:
        found.add(Personal.CARD)
    return found


def _texts(value: JsonValue) -> list[str]:
    """Return the texts of JSON in whatever order."""
    texts: list[str] = []
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one
    return texts

"""What the forms show, in words: claims by how they are known, changes apart from look-ups."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from handoff.cards.budget import shortened
from handoff.cards.evidence import EvidenceLine, evidence_line
from handoff.cards.names import path_name, readable
from handoff.cards.reading import TRANSFERS
from handoff.cards.results import leaves
from handoff.cards.wording import Words
from handoff.domain.card import Card, CardAction, Claim, Outcome
from handoff.domain.effects import is_thought
from handoff.domain.extracts import value_key
from handoff.domain.identifiers import distinctive
from handoff.domain.turn import Effect

_ARGUMENT_LIMIT = 120
"""Characters of a text that a call was made with; a claim's value is never cut."""
_ARGUMENTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class FactView:
    """One claim in words."""

    name: str
    value: str
    status: str
    status_words: str
    turns: tuple[int, ...]
    alternatives: tuple[str, ...]
    superseded: bool
    refused: bool


FactGroup = tuple[FactView, ...]
"""Claims of one name: what it is now beside what it was."""


@dataclass(frozen=True, slots=True)
class ActionView:
    """One call in words."""

    name: str
    details: str
    effect: str
    outcome: str
    result: str | None
    turn: int


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as its templates need it: no name or value is left to be worked out there."""

    card: Card
    words: Words
    evidence: tuple[EvidenceLine, ...]
    customer: tuple[FactGroup, ...]
    facts: tuple[FactGroup, ...]
    writes: tuple[ActionView, ...]
    lookups: tuple[ActionView, ...]
    auth: str
    checks: tuple[tuple[str, str, tuple[int, ...]], ...]


def card_view(card: Card, words: Words) -> CardView:
    """Return the card in the words of a language; what was said stays as it was."""
    auth = card.customer.auth
    tools = {action.turn: action.name for action in card.actions}
    return CardView(
        card=card,
        words=words,
        evidence=tuple(evidence_line(item, tools) for item in card.reason.evidence),
        customer=_groups(card.customer.claimed, words),
        facts=_groups(card.facts, words),
        writes=tuple(
            action_view(a)
            for a in card.actions
            if a.effect is Effect.WRITE and not _is_the_handover(a)
        ),
        lookups=tuple(
            action_view(a)
            for a in card.actions
            if a.effect is Effect.READ and not is_thought(a.name)
        ),
        auth=words.check[auth.status]
        + (f" {words.say['by']} {readable(auth.by)}" if auth.by else ""),
        checks=tuple((c.name, words.check[c.result], c.turns) for c in auth.checks),
    )


def _is_the_handover(action: CardAction) -> bool:
    """Tell whether a call only brought the human in, who knows that."""
    return action.name in TRANSFERS and action.outcome is Outcome.DONE


def _groups(claims: Iterable[Claim], words: Words) -> tuple[FactGroup, ...]:
    found = grouped(fact_view(claim, words) for claim in claims)
    return tuple(map(tuple, found.values()))


def fact_view(claim: Claim, words: Words) -> FactView:
    """Return a claim in words."""
    return FactView(
        name=claim.name,
        value=in_words(claim.value),
        status=claim.status.value,
        status_words=words.status[claim.status],
        turns=claim.turns,
        alternatives=tuple(in_words(other) for other in claim.alternatives),
        superseded=claim.superseded,
        refused=claim.refused,
    )


def in_words(value: JsonValue) -> str:
    """Return a value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(in_words(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{readable(name)} {in_words(part)}" for name, part in value.items())
    return " ".join(str(value).split())


def action_view(action: CardAction) -> ActionView:
    """Return a call in words."""
    return ActionView(
        name=readable(action.name),
        details=", ".join(_details(action)),
        effect=action.effect.value,
        outcome=action.outcome.value,
        result=action.result,
        turn=action.turn,
    )


def _details(action: CardAction) -> Iterator[str]:
    """Yield what a call was made with; a value is named unless it speaks for itself."""
    shown: set[str] = set()
    more = 0
    for leaf in leaves(action.arguments):
        name = readable(path_name(leaf.path))
        text = shortened(in_words(leaf.value), _ARGUMENT_LIMIT)
        own = distinctive(value_key(leaf.value))
        piece = text if own else f"{name} {text}"
        if piece in shown:
            continue
        if len(shown) >= _ARGUMENTS_SHOWN and not own:
            more += 1
            continue
        shown.add(piece)
        yield piece
    if more:
        yield f"+{more}"


def grouped(facts: Iterable[FactView]) -> dict[str, list[FactView]]:
    """Return facts by name, in order of first appearance."""
    groups: dict[str, list[FactView]] = {}
    for fact in facts:
        groups.setdefault(fact.name, []).append(fact)
    return groups

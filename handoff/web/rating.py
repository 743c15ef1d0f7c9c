"""How a card was used: two buttons to rate it, and what was asked again though it says it."""

from collections.abc import Iterable
from dataclasses import dataclass

from handoff.domain.card import Card
from handoff.domain.card_use import Heard, Rating
from handoff.domain.escalation import Escalation
from handoff.domain.ports import Transaction
from handoff.services.card_use import claims_of
from handoff.web.words import clock, iso


@dataclass(frozen=True, slots=True)
class Use:
    """What the store knows of how an escalation's cards were used."""

    heard: tuple[Heard, ...]
    ratings: tuple[Rating, ...]


@dataclass(frozen=True, slots=True)
class RatingForm:
    """One tap: was the card useful; and if somebody wants to say more, what is wrong on it."""

    version: int
    useful: bool | None
    """What this person said of this version before; None if nothing."""
    claim: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedItem:
    """A claim that was asked for again."""

    claim: str
    turn: int
    version: int


@dataclass(frozen=True, slots=True)
class RatedItem:
    """Somebody's rating of a card version."""

    by: str
    words: str
    version: int
    at: str
    instant: str


@dataclass(frozen=True, slots=True)
class UsedCard:
    """How the card was used, for whoever reviews it."""

    known: bool
    """A turn of the human is known; without one nobody can tell what they asked."""
    asked: tuple[AskedItem, ...]
    rated: tuple[RatedItem, ...]


def use_of(tx: Transaction, escalation_id: str) -> Use:
    """Return what is known of how an escalation's cards were used."""
    return Use(tx.card_uses.heard(escalation_id), tx.card_uses.ratings(escalation_id))


def rating_form(card: Card | None, ratings: Iterable[Rating], me: str) -> RatingForm | None:
    """Return the form for a card as `me` sees it; None without a card."""
    if card is None:
        return None
    mine = {one.card_version: one for one in ratings if one.by == me}.get(card.card_version)
    return RatingForm(
        version=card.card_version,
        useful=mine.useful if mine else None,
        claim=(mine.claim or "") if mine else "",
        claims=claims_of(card),
    )


def used_card(escalation: Escalation, use: Use) -> UsedCard | None:
    """Return how the card was used; None where nobody has accepted it and nobody rated it."""
    if escalation.accepted_at is None and not use.ratings:
        return None
    return UsedCard(
        known=bool(use.heard),
        asked=tuple(
            AskedItem(claim, turn.turn_index, turn.card_version)
            for turn in use.heard
            for claim in turn.asked
        ),
        rated=tuple(map(_rated, use.ratings)),
    )


def _rated(rating: Rating) -> RatedItem:
    wrong = f"; wrong on it: {rating.claim}" if rating.claim else ""
    return RatedItem(
        by=rating.by,
        words=f"{'useful' if rating.useful else 'not useful'}{wrong}",
        version=rating.card_version,
        at=f"{clock(rating.at)} UTC",
        instant=iso(rating.at),
    )

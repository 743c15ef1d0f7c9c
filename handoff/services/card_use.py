"""Follow how a card is used: what its human asks again, and how useful they say it was."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from handoff.cards.names import readable
from handoff.cards.restarts import SITUATION, restarts
from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.card import Card
from handoff.domain.card_use import CardUse, Heard, Rating
from handoff.domain.errors import Invalid, NotFound
from handoff.domain.escalation import Escalation
from handoff.domain.ports import Transaction
from handoff.domain.turn import Turn
from handoff.services.views import View

COLUMNS: dict[str, str] = {
    "job": "What the bot claimed to do; empty where the runtime did not say.",
    "intent": "What the customer came for.",
    "queue": "The queue where it was last.",
    "card_version": "The version of the card that the human had.",
    "accepted": "Escalations that a human took.",
    "seen": "Of these: at least one turn of the human is known. Of the others nobody can tell.",
    "restarted": "Of those seen: the human asked for something that the card says; empty if none.",
    "restart_rate": "Restarted divided by seen.",
    "asked_again": "Claims asked for again, each counted once a turn.",
    "most_asked": "The claim that was asked for again most often.",
    "useful": "Ratings of the card as useful.",
    "not_useful": "Ratings of the card as not useful.",
    "most_wrong": "The claim that ratings call wrong most often.",
}
"""Figure to its definition; the page shows these sentences."""


def listen(tx: Transaction, escalation: Escalation, turn: Turn, at: datetime) -> None:
    """Hold a human's words against the card of an escalation that they accepted."""
    card = tx.escalations.card(escalation.escalation_id)
    if card is None or escalation.accepted_at is None:
        return
    asked = tuple(restart.claim for restart in restarts(card, turn.audible))
    tx.card_uses.hear(
        Heard(
            escalation_id=escalation.escalation_id,
            turn_id=turn.turn_id,
            turn_index=turn.index or 0,
            card_version=card.card_version,
            at=at,
            asked=asked,
        )
    )


def rate_card(
    tx: Transaction,
    escalation: Escalation,
    *,
    useful: bool,
    claim: str | None,
    version: int | None,
    by: Actor,
    at: datetime,
) -> Rating:
    """Keep what somebody thought of a card version, the latest if none is told, and audit it.

    Their later word replaces an earlier one. Raises NotFound without such a version, Invalid where
    the card has no such claim.
    """
    card = tx.escalations.card(escalation.escalation_id, version)
    if card is None:
        raise NotFound(f"no card of version {version}")
    if claim is not None and claim not in claims_of(card):
        raise Invalid(f"the card has no claim {claim[:100]!r}")
    rating = Rating(escalation.escalation_id, card.card_version, by.name, useful, at, claim)
    for known in tx.card_uses.ratings(escalation.escalation_id):
        if replace(known, at=at) == rating:
            return known
    tx.card_uses.rate(rating)
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=by,
            action="rated",
            subject=escalation.escalation_id,
            conversation_id=escalation.conversation_id,
            details={
                "useful": useful,
                "claim": claim,
                "card_version": card.card_version,
            },
        )
    )
    return rating


def claims_of(card: Card) -> tuple[str, ...]:
    """Return the names by which a card's claims can be called wrong, each once."""
    claims = (*card.customer.claimed, *card.facts)
    names = dict.fromkeys(readable(claim.name) for claim in claims)
    return (*([SITUATION] if card.situation else []), *names)


def rating_view(rating: Rating) -> View:
    """Return a rating as answers show it."""
    return {
        "escalation_id": rating.escalation_id,
        "card_version": rating.card_version,
        "by": rating.by,
        "useful": rating.useful,
        "claim": rating.claim,
        "at": rating.at.isoformat(),
    }


Group = tuple[str | None, str | None, str, int]
"""Job, intent, queue, card version."""


@dataclass(slots=True)
class _Count:
    """What is counted of one group while its escalations pass."""

    accepted: int = 0
    seen: int = 0
    restarted: int = 0
    useful: int = 0
    not_useful: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def add(self, heard: Iterable[Heard], ratings: Iterable[Rating]) -> None:
        """Count one escalation's turns and ratings of one card version."""
        turns = tuple(heard)
        asked = [claim for turn in turns for claim in turn.asked]
        self.accepted += 1
        self.seen += bool(turns)
        self.restarted += bool(asked)
        self.asked.update(asked)
        for rating in ratings:
            self.useful += rating.useful
            self.not_useful += not rating.useful
            self.wrong.update([rating.claim] if rating.claim else ())


def restart_rows(tx: Transaction, since: datetime | None, until: datetime | None) -> list[View]:
    """Return a row per job, intent, queue and card version, the most restarts first."""
    counts: dict[Group, _Count] = {}
    for use in tx.card_uses.uses(since, until):
        for version in _versions(use):
            count = counts.setdefault((use.job, use.intent, use.queue, version), _Count())
            count.add(
                (one for one in use.heard if one.card_version == version),
                (one for one in use.ratings if one.card_version == version),
            )
    rows = [_row(group, count) for group, count in counts.items()]
    return sorted(rows, key=_busiest)


def _versions(use: CardUse) -> list[int]:
    """Return the card versions that count: those of known turns and ratings, else the latest."""
    used = {turn.card_version for turn in use.heard} | {one.card_version for one in use.ratings}
    return sorted(used) or [use.card_version]


def _row(group: Group, count: _Count) -> View:
    job, intent, queue, version = group
    return {
        "job": job,
        "intent": intent,
        "queue": queue,
        "card_version": version,
        "accepted": count.accepted,
        "seen": count.seen,
        "restarted": count.restarted if count.seen else None,
        "restart_rate": round(count.restarted / count.seen, 3) if count.seen else None,
        "asked_again": count.asked.total() if count.seen else None,
        "most_asked": _most(count.asked),
        "useful": count.useful,
        "not_useful": count.not_useful,
        "most_wrong": _most(count.wrong),
        "claims": dict(count.asked.most_common()),
        "wrong": dict(count.wrong.most_common()),
    }


def _most(counted: Counter[str]) -> str | None:
    return min(counted, key=lambda name: (-counted[name], name), default=None)


def _busiest(row: View) -> tuple[int, int, str]:
    restarted, accepted = row["restarted"], row["accepted"]
    names = "\n".join(str(row[name] or "") for name in ("job", "intent", "queue"))
    version = row["card_version"]
    return (
        -restarted if isinstance(restarted, int) else 0,
        -accepted if isinstance(accepted, int) else 0,
        f"{names}\n{version}",
    )

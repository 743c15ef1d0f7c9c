"""Write the handoff card: the first with the opening, later ones as the customer adds to it."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pydantic import JsonValue

from handoff.cards import build_card
from handoff.cards.changes import since_taken
from handoff.domain.audit import SYSTEM, AuditEntry
from handoff.domain.card import Card, Linked
from handoff.domain.conversation import Head
from handoff.domain.decision import Action, Decision
from handoff.domain.delivery import Clock
from handoff.domain.escalation import LIVE, Escalation
from handoff.domain.ports import Transaction
from handoff.domain.turn import Conversation
from handoff.services.deps import Deps
from handoff.services.moving import announce, connectors_of, found, head_of, post
from handoff.services.story import Ordered, keep_up, retold

TRIES = 5


def decision_of(escalation: Escalation) -> Decision:
    """Return the decision that opened an escalation, as the card shows it."""
    return Decision(
        action=Action.ESCALATE,
        score=escalation.score or 0.0,
        reasons=escalation.reasons,
        turn_index=escalation.turn_index or 0,
        reason_code=escalation.reason_code,
        queue=escalation.queue,
        priority=escalation.priority,
        policy=escalation.policy,
    )


def write_card(
    tx: Transaction,
    deps: Deps,
    head: Head,
    escalation: Escalation,
    at: datetime,
    summary: str | None = None,
) -> Card:
    """Store and return the card of the escalation's `card_version`, from all stored turns."""
    card = _made(tx, deps, head, escalation, escalation.card_version, summary)
    tx.escalations.add_card(card, at)
    return card


def _made(
    tx: Transaction,
    deps: Deps,
    head: Head,
    escalation: Escalation,
    version: int,
    summary: str | None,
) -> Card:
    return build_card(
        conversation_of(tx, head),
        decision_of(escalation),
        escalation_id=escalation.escalation_id,
        version=version,
        summary=summary,
        linked=_linked(tx, head, escalation),
        rules=deps.detectors.of(head.tenant).policy.redaction,
        masked=True,
    )


def conversation_of(tx: Transaction, head: Head) -> Conversation:
    """Return a head's conversation with all its stored turns."""
    return head.conversation(tx.conversations.said(head.conversation_id))


def _linked(tx: Transaction, head: Head, escalation: Escalation) -> tuple[Linked, ...]:
    """Return the customer's other open escalations."""
    if head.customer_key is None:
        return ()
    others = tx.escalations.others_of(head.customer_key, escalation.escalation_id)
    return tuple(Linked(escalation_id=other) for other in others)


def refresh(deps: Deps, tenant: str, escalation_id: str) -> bool:
    """Bring a live escalation's card up to date; return False if turns kept coming in.

    The card is made outside the writer, which others wait for; only its row is written there.
    """
    for _ in range(TRIES):
        draft = deps.store.read(tenant, lambda tx: _draft(tx, deps, escalation_id))
        if draft is None or deps.store.write(tenant, partial(_keep, deps, draft)):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Draft:
    """A card, and what it was made from."""

    escalation: Escalation
    head: Head
    card: Card


def _draft(tx: Transaction, deps: Deps, escalation_id: str) -> _Draft | None:
    escalation = tx.escalations.get(escalation_id)
    earlier = tx.escalations.card(escalation_id)
    if escalation is None or earlier is None or escalation.state not in LIVE:
        return None
    head = head_of(tx, escalation)
    version = escalation.card_version + 1
    card = _made(tx, deps, head, escalation, version, earlier.bot_note)
    card = retold(tx, deps, earlier, conversation_of(tx, head), card)
    if escalation.accepted_at is not None:
        card = since_taken(earlier, card)
    if card == earlier.model_copy(update={"card_version": version}):
        return None
    return _Draft(escalation, head, card)


def _keep(deps: Deps, draft: _Draft, tx: Transaction) -> bool:
    """Store the card, audited and sent as an update, unless it was made from less than is there."""
    escalation, at = found(tx, draft.escalation.escalation_id), deps.clock()
    if (escalation, head_of(tx, escalation)) != (draft.escalation, draft.head):
        return False
    put_card(tx, deps, escalation, draft.card, at)
    ordered = Ordered(escalation.conversation_id, escalation.escalation_id)
    keep_up(tx, deps, ordered, draft.head.turns, at)
    return True


def put_card(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    card: Card,
    at: datetime,
    details: dict[str, JsonValue] | None = None,
) -> None:
    """Make `card` the escalation's newest version: stored, audited, sent as an update, announced.

    `details` are what its audit entry says beside the version.
    """
    escalation = escalation.evolve(card_version=card.card_version)
    tx.escalations.save(escalation)
    tx.escalations.add_card(card, at)
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=SYSTEM,
            action="card",
            subject=escalation.escalation_id,
            conversation_id=escalation.conversation_id,
            version=escalation.version,
            details={"card_version": card.card_version, **(details or {})},
        )
    )
    post(tx, deps, escalation, "updated", Clock.LIVE, connectors_of(tx, escalation), at=at)
    announce(tx, escalation, at)

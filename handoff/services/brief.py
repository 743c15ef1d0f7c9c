"""Write the handoff card: the first with the opening, later ones as the customer adds to it."""

from datetime import datetime

from handoff.cards import build_card
from handoff.domain.audit import SYSTEM, AuditEntry
from handoff.domain.card import Card, Linked
from handoff.domain.conversation import Head
from handoff.domain.decision import Action, Decision
from handoff.domain.delivery import Clock
from handoff.domain.escalation import Escalation
from handoff.domain.ports import Transaction
from handoff.services.deps import Deps
from handoff.services.moving import announce, connectors_of, post


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
    tx: Transaction, head: Head, escalation: Escalation, at: datetime, summary: str | None = None
) -> Card:
    """Store and return the card of the escalation's `card_version`, from all stored turns."""
    turns = tuple(stored.turn for stored in tx.conversations.turns(head.conversation_id))
    card = build_card(
        head.conversation(turns),
        decision_of(escalation),
        escalation_id=escalation.escalation_id,
        version=escalation.card_version,
        summary=summary,
        linked=_linked(tx, head, escalation),
    )
    tx.escalations.add_card(card, at)
    return card


def _linked(tx: Transaction, head: Head, escalation: Escalation) -> tuple[Linked, ...]:
    """Return the customer's other open escalations."""
    if head.customer_key is None:
        return ()
    others = tx.escalations.others_of(head.customer_key, escalation.escalation_id)
    return tuple(Linked(escalation_id=other) for other in others)


def refresh(tx: Transaction, deps: Deps, escalation: Escalation, head: Head, at: datetime) -> Card:
    """Return the next version of the card, stored, audited and sent as an update."""
    earlier = tx.escalations.card(escalation.escalation_id)
    summary = earlier.bot_note if earlier else None
    escalation = escalation.evolve(card_version=escalation.card_version + 1)
    tx.escalations.save(escalation)
    card = write_card(tx, head, escalation, at, summary)
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=SYSTEM,
            action="card",
            subject=escalation.escalation_id,
            conversation_id=head.conversation_id,
            version=escalation.version,
            details={"card_version": escalation.card_version},
        )
    )
    post(tx, deps, escalation, "updated", Clock.LIVE, connectors_of(tx, escalation), at=at)
    announce(tx, escalation, at)
    return card

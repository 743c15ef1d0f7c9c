"""End a conversation, so that it can be counted as contained, transferred or left."""

from datetime import datetime

from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.conversation import Head
from handoff.domain.escalation import LIVE
from handoff.domain.ports import Transaction
from handoff.services.deps import Deps
from handoff.services.floor import floor
from handoff.services.moving import found
from handoff.services.respond import abandon


def end_conversation(
    tx: Transaction,
    deps: Deps,
    conversation_id: str,
    ended_by: str,
    why: str | None,
    *,
    by: Actor,
    at: datetime,
) -> Head:
    """Return the head of the ended conversation; ending it again changes nothing; raise NotFound.

    An escalation that waits is abandoned (the customer may come back within the grace), one with
    a human goes to wrap-up: ending a conversation never closes an escalation.
    """
    head = floor(tx, conversation_id)
    if head.ended_at is not None:
        return head
    tx.conversations.save(head.evolve(ended_at=at, ended_by=ended_by, ended_why=why))
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=by,
            action="ended",
            subject=conversation_id,
            conversation_id=conversation_id,
            details={"by": ended_by, "why": why},
        )
    )
    if head.open_escalation is not None:
        escalation = found(tx, head.open_escalation)
        if escalation.state in LIVE:
            abandon(tx, deps, escalation, by=by, at=at)
    tx.events.publish("conversation", conversation_id, {"ended": ended_by}, at)
    return tx.conversations.head(conversation_id) or head

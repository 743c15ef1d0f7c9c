"""Keep what a customer, or a person for them, thought of a conversation."""

from datetime import datetime

from pydantic import JsonValue

from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.ports import Transaction
from handoff.services.floor import floor


def keep_feedback(
    tx: Transaction,
    conversation_id: str,
    body: dict[str, JsonValue],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Store feedback that is masked already; raise NotFound."""
    floor(tx, conversation_id)
    tx.conversations.add_feedback(conversation_id, at, body)
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=by,
            action="feedback",
            subject=conversation_id,
            conversation_id=conversation_id,
            details={"score": body.get("score")},
        )
    )

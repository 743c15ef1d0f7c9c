"""Send a delivery again that was settled or given up, because a supervisor says so."""

from datetime import datetime

from handoff.domain.account import Account
from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.delivery import Delivery
from handoff.domain.errors import NotFound
from handoff.domain.ports import Transaction


def replay(tx: Transaction, delivery_id: str, *, by: Actor, at: datetime) -> Delivery:
    """Return the delivery, due now under its old id; raise NotFound."""
    delivery = tx.deliveries.replay(delivery_id, at)
    if delivery is None:
        raise NotFound(f"no delivery {delivery_id} to send again")
    tx.accounts.save(Account(tx.tenant, delivery.connector))  # somebody looked: it rests no more
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=by,
            action="delivery_replayed",
            subject=delivery.escalation_id,
            details={"delivery_id": delivery_id, "connector": delivery.connector},
        )
    )
    return delivery

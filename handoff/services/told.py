"""What a runtime says of a conversation beside a turn, and the head that follows from it."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.conversation import Head, month_of
from handoff.domain.errors import Invalid
from handoff.domain.ports import Transaction
from handoff.domain.turn import Attributes

MAX_ATTRIBUTES = 200
ATTRIBUTES_SIZE = 64_000
"""Characters of a conversation's attributes as JSON: they are read with every turn."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a runtime says beside a turn: about the conversation, and the epoch it speaks with."""

    channel: str | None = None
    job: str | None = None
    language: str | None = None
    customer_key: str | None = None
    attributes: Attributes = field(default_factory=dict)
    epoch: int | None = None
    trace: str | None = None
    """The `traceparent` of the request."""


def informed(
    head: Head | None, tenant: str, conversation_id: str, told: Told, at: datetime
) -> Head:
    """Return the head, a new one if there is none, with what the runtime says of it."""
    if head is None:
        month = month_of(at)
        head = Head(tenant=tenant, conversation_id=conversation_id, started_at=at, month=month)
    changes: dict[str, object] = {
        name: value
        for name in ("channel", "job", "language", "customer_key")
        if (value := getattr(told, name)) is not None and value != getattr(head, name)
    }
    if any(head.attributes.get(name, head) != value for name, value in told.attributes.items()):
        merged = {**head.attributes, **told.attributes}
        if len(merged) > MAX_ATTRIBUTES:
            raise Invalid(f"a conversation has at most {MAX_ATTRIBUTES} attributes")
        if len(json.dumps(merged)) > ATTRIBUTES_SIZE:
            raise Invalid(f"attributes take at most {ATTRIBUTES_SIZE} characters as JSON")
        changes["attributes"] = merged
    return head.evolve(**changes) if changes else head


def resumed(tx: Transaction, head: Head, *, by: Actor, at: datetime) -> Head:
    """Return the head of an ended conversation that goes on: the customer is there again."""
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=by,
            action="resumed",
            subject=head.conversation_id,
            conversation_id=head.conversation_id,
        )
    )
    return head.evolve(ended_at=None, ended_by=None, ended_why=None)

"""Values of the domain, complete and plain; a test says only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime

from handoff.domain.audit import Actor, ActorKind, AuditEntry
from handoff.domain.card import Card, CardCustomer, CardReason
from handoff.domain.conversation import Head, StoredTurn, fingerprint, month_of
from handoff.domain.delivery import Clock, Delivery, DeliveryState
from handoff.domain.escalation import Escalation, Opener, State
from handoff.domain.ports import Transaction
from handoff.domain.records import ApiKey, Scope, Session
from handoff.domain.turn import Role, Turn

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TENANT = "acme"


def turn(turn_id: str = "t0", text: str = "Where is my order?", **over: object) -> Turn:
    """Return a customer's turn."""
    return Turn.model_validate({"turn_id": turn_id, "role": Role.CUSTOMER, "text": text, **over})


def stored(turn_id: str = "t0", text: str = "Where is my order?", **over: object) -> StoredTurn:
    """Return a customer's turn as it is stored."""
    said = turn(turn_id, text, **{"index": 0, **over})
    return StoredTurn(said, fingerprint(said), NOON)


def head(**over: object) -> Head:
    """Return a conversation that just started."""
    return Head(tenant=TENANT, conversation_id="c1", started_at=NOON, month=month_of(NOON)).evolve(
        **over
    )


def escalation(**over: object) -> Escalation:
    """Return an escalation that just entered its queue."""
    plain = Escalation(
        tenant=TENANT,
        escalation_id="e1",
        conversation_id="c1",
        state=State.QUEUED,
        version=1,
        queue="billing",
        priority=3,
        reason_code="customer_requested_human",
        opener=Opener.DETECTOR,
        opened_at=NOON,
        queued_at=NOON,
        changed_at=NOON,
    )
    return replace(plain, **over)  # type: ignore[arg-type] # typed by the fields


def delivery(**over: object) -> Delivery:
    """Return a delivery that is due."""
    plain = Delivery(
        tenant=TENANT,
        delivery_id="d1",
        escalation_id="e1",
        connector="webhook",
        event="opened",
        clock=Clock.LIVE,
        state=DeliveryState.PENDING,
        created_at=NOON,
        due_at=NOON,
    )
    return replace(plain, **over)  # type: ignore[arg-type] # typed by the fields


def card(**over: object) -> Card:
    """Return a card that says little."""
    plain = Card(
        conversation_id="c1",
        escalation_id="e1",
        headline="Wants a person",
        customer=CardCustomer(),
        reason=CardReason(code="customer_requested_human", sentence="The customer asked."),
    )
    return plain.model_copy(update=over)


def entry(**over: object) -> AuditEntry:
    """Return the entry of a claim."""
    plain = AuditEntry(
        tenant=TENANT,
        at=NOON,
        actor=Actor(ActorKind.HUMAN, "ann"),
        action="claim",
        subject="e1",
        conversation_id="c1",
        before="queued",
        after="connecting",
        version=2,
        details={"human": "ann", "waited_s": 3.25},
    )
    return replace(plain, **over)  # type: ignore[arg-type] # typed by the fields


def api_key(**over: object) -> ApiKey:
    """Return a runtime's key."""
    plain = ApiKey("k1", TENANT, "bot", frozenset({Scope.RUNTIME}), "5e3c", NOON)
    return replace(plain, **over)  # type: ignore[arg-type] # typed by the fields


def session(**over: object) -> Session:
    """Return a supervisor's login."""
    scopes = frozenset({Scope.AGENT, Scope.SUPERVISOR})
    plain = Session("70c3", TENANT, "ann", scopes, NOON, NOON.replace(hour=20))
    return replace(plain, **over)  # type: ignore[arg-type] # typed by the fields


def put(tx: Transaction, escalation: Escalation, *deliveries: Delivery) -> None:
    """Store an escalation with its conversation and deliveries."""
    if tx.conversations.head(escalation.conversation_id) is None:
        tx.conversations.save(head(tenant=tx.tenant, conversation_id=escalation.conversation_id))
    tx.escalations.add(escalation)
    for one in deliveries:
        tx.deliveries.add(one)

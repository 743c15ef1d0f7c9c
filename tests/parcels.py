"""Parcels as the service hands them to connectors."""

from dataclasses import replace
from datetime import UTC, datetime

from handoff.cards import build_card
from handoff.domain.card import Card, Claim
from handoff.domain.connector import Parcel
from handoff.domain.escalation import Escalation, Opener, State
from handoff.domain.incident import Incident
from handoff.domain.turn import Conversation, Role, Turn

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
INCIDENT = Incident(
    tenant="default",
    incident_id="inc_1",
    cause="tool:get_order",
    queue="billing",
    title="get_order fails",
    opened_at=NOW,
    last_at=NOW,
    due_at=NOW,
    escalations=12,
)


def escalation(escalation_id: str = "esc_1", tenant: str = "default") -> Escalation:
    """Return an escalation that waits in a queue."""
    return Escalation(
        tenant=tenant,
        escalation_id=escalation_id,
        conversation_id=f"conv-{escalation_id}",
        state=State.QUEUED,
        version=1,
        queue="billing",
        priority=2,
        reason_code="customer_requested_human",
        opener=Opener.DETECTOR,
        opened_at=NOW,
        queued_at=NOW,
        changed_at=NOW,
    )


def card(said: str = "I want a person", escalation_id: str = "esc_1") -> Card:
    """Return the card of a conversation in which the customer said one thing."""
    turn = Turn(turn_id="t-0", role=Role.CUSTOMER, text=said)
    return build_card(
        Conversation(conversation_id="conv-1", turns=(turn,)), escalation_id=escalation_id
    )


EXTERNAL = {
    "twilio_call_sid": "CA" + "1" * 32,
    "twilio_conversation_sid": "CH" + "1" * 32,
    "genesys_conversation_id": "b18c8632-2266-4668-8665-0967dbc38a39",
    "telnyx_call_control_id": "v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg",
    "chatwoot_conversation_id": "42",
    "sunshine_conversation_id": "13f32c6cf7d0d38e6e0eba93",
    "intercom_conversation_id": "137324500000000",
}
"""What vendors call the call or chat of a parcel."""


def parcel(
    delivery_id: str = "dlv_1",
    event: str = "opened",
    *,
    said: str = "I want a person",
    at: datetime = NOW,
    attempt: int = 1,
) -> Parcel:
    """Return a parcel; `said` is what the customer said."""
    return Parcel(
        delivery_id=delivery_id,
        tenant="default",
        event=event,
        escalation=escalation(),
        card=card(said),
        attempt=attempt,
        at=at,
        card_url="http://127.0.0.1:8080/desk/escalations/esc_1",
        external=EXTERNAL,
        incident=INCIDENT,
    )


def with_number(told: Parcel, status: str = "verified") -> Parcel:
    """Return a parcel whose customer can be called back; `status` says how that is known."""
    claim = Claim(name="phone", value="+49 30 1234567", status=status, turns=(0,))
    customer = told.card.customer.model_copy(update={"claimed": (claim,)})
    return replace(told, card=told.card.model_copy(update={"customer": customer}))

"""What a live contact in another system carries of an escalation: to route by, and whose it is."""

from handoff.cards.context import Context
from handoff.cards.fields import basics
from handoff.domain.connector import Parcel
from handoff.domain.signatures import mark

PREFIX = "handoff_"
MARK = f"{PREFIX}mark"
"""Attribute that proves whose contact it is: what a visitor begins a chat with is there too."""
_LONGEST = 200


def carried(parcel: Parcel, system: str, key: str | None) -> dict[str, str]:
    """Return flat attributes; `handoff_state` says whether anybody is still wanted.

    Marked, for this `system` alone, with the key that its events bring; where none is taken,
    nothing need be proved.
    """
    escalation = parcel.escalation
    told: dict[str, str | int] = {
        **basics(parcel.card, Context(link=parcel.card_url)),
        "escalation_id": escalation.escalation_id,
        "delivery_id": parcel.delivery_id,
        "state": "withdrawn" if parcel.event == "withdrawn" else escalation.state.value,
        "queue": escalation.queue[:_LONGEST],
        "priority": escalation.priority,
        "reason": escalation.reason_code,
    }
    plain = {f"{PREFIX}{name}": str(value) for name, value in told.items()}
    return plain | ({MARK: mark(key, system, escalation.escalation_id)} if key else {})

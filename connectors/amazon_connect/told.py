"""What a contact carries of an escalation: attributes that flows and agents' pages read."""

from handoff.cards import Context, render
from handoff.cards.fields import basics
from handoff.domain.connector import Parcel
from handoff.domain.signatures import mark
from handoff.templating import one_line

PREFIX = "handoff_"
MARK = f"{PREFIX}mark"
"""Attribute that proves whose contact it is: what a visitor begins a chat with is there too."""
THING = "amazon"
NAME = 200
_VALUE = 200


def attributes(parcel: Parcel, key: str | None) -> dict[str, str]:
    """Return what to route by; `handoff_state` says whether anybody is still wanted.

    Marked with the key that events bring; where none is taken, nothing need be proved.
    """
    escalation = parcel.escalation
    told: dict[str, str | int] = {
        **basics(parcel.card, Context(link=parcel.card_url)),
        "escalation_id": escalation.escalation_id,
        "delivery_id": parcel.delivery_id,
        "state": "withdrawn" if parcel.event == "withdrawn" else escalation.state.value,
        "queue": escalation.queue[:_VALUE],
        "priority": escalation.priority,
        "reason": escalation.reason_code,
        "summary": description(parcel),
    }
    carried = {f"{PREFIX}{name}": str(value) for name, value in told.items()}
    return carried | ({MARK: mark(key, THING, escalation.escalation_id)} if key else {})


def name(parcel: Parcel) -> str:
    """Return what a task is called."""
    return one_line(parcel.card.headline)[:NAME] or "handoff"


def description(parcel: Parcel) -> str:
    """Return the card as text: a task holds 4,096 characters, all attributes 32 KB."""
    return render(parcel.card, "text", Context(link=parcel.card_url))

"""What a ticket of Request Tracker says and is like, of an escalation."""

from html import escape

from pydantic import JsonValue

from handoff.cards import Context, render
from handoff.domain.answers import told_in, undocumented
from handoff.domain.connector import WITHDRAWN, Parcel
from handoff.domain.escalation import State
from handoff.domain.standing import standing

SUBJECT = 180
"""RT keeps 200 characters."""
STATUS = {
    State.QUEUED: "open",
    State.RESERVED: "open",
    State.CONNECTING: "open",
    State.ACTIVE: "open",
    State.WRAPPING: "open",
    State.DEFERRED: "stalled",
    State.ABANDONED: "stalled",
    State.CLOSED: "resolved",
}
"""State of ours to the status in RT's default lifecycle."""
_SCHEME = "handoff:"


def opening(escalation_id: str) -> str:
    """Return what an escalation's ticket refers to, and is found by."""
    return _SCHEME + escalation_id


def status_of(parcel: Parcel) -> str:
    """Return the status that the ticket is to have."""
    return "rejected" if parcel.event == "withdrawn" else STATUS[parcel.escalation.state]


def subject(parcel: Parcel) -> str:
    """Return the headline as a line that RT keeps whole."""
    line = " ".join("".join(c if c.isprintable() else " " for c in parcel.card.headline).split())
    return line[:SUBJECT] or "handoff"


def note(parcel: Parcel) -> str:
    """Return the card as HTML, with a link to the whole of it."""
    card = render(parcel.card, "html", Context(link=parcel.card_url))
    if parcel.card_url is None:
        return card
    link = escape(parcel.card_url, quote=True)
    return f'<p><a href="{link}">{link}</a></p>\n{card}'


def status_line(parcel: Parcel) -> str:
    """Return where the escalation stands, in a line of HTML."""
    if parcel.event == "withdrawn":
        return WITHDRAWN
    return escape(standing(parcel.escalation))[:1_000]


def found_in(answer: JsonValue) -> list[str]:
    """Return the ids that a search found, the first one first; raise ConnectorError."""
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise undocumented()
    return [found for item in items if (found := told_in(item, "id")).isdigit()]

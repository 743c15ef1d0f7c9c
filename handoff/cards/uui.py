"""The card as a SIP `User-to-User` header: a signed pointer to it, never its content."""

from handoff.cards.context import Context
from handoff.cards.pointer import MOST, Pointer, pointed
from handoff.domain.card import Card
from handoff.domain.errors import Invalid

MEDIA_TYPE = "text/plain; charset=us-ascii"
LIMIT = f"{MOST} octets"


def render(card: Card, context: Context) -> str:
    """Return the header's value; raise Invalid without an escalation, a key and an expiry."""
    if context.key is None or context.expires_at is None:
        raise Invalid("the form uui needs a key that signs it, and a time of expiry")
    if card.escalation_id is None:
        raise Invalid("the form uui points to an escalation, and none was opened")
    return pointed(Pointer(card.escalation_id, context.expires_at), context.key)

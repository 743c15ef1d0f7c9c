"""The card as the `Attributes` of a Twilio TaskRouter task: JSON to route by, 4 KB.

https://www.twilio.com/docs/taskrouter/api/task
"""

from pydantic import JsonValue

from handoff.cards.budget import FACTS
from handoff.cards.context import Context
from handoff.cards.fields import basics, fitted, named, packed, size
from handoff.domain.card import Card
from handoff.templating import one_line

MEDIA_TYPE = "application/json"
BUDGET = 4_096
"""Bytes of the attributes as JSON."""
LIMIT = "4 KB of JSON"
RESERVED = 400
"""Bytes left free for what the connector adds: the ids of the delivery, a call, a queue."""
_FLAGS, _NAME = 8, 30
_NUMBER = 8
"""Bytes for a number that tells two facts of one name apart."""


def render(card: Card, context: Context) -> str:
    """Return the attributes as JSON: what to route by, facts by status, lists of texts."""
    names: list[JsonValue] = [one_line(flag.name)[:_NAME] for flag in card.flags[:_FLAGS]]
    attributes: dict[str, JsonValue] = {
        "type": "handoff",
        **basics(card, context),
        "flag_names": names,
        "authentication": card.customer.auth.status.value,
    }
    room = BUDGET - RESERVED - size(attributes) - len('"left_out":,')
    found, left_out = fitted(card, context, room, _NUMBER)
    for part, items in found.parts().items():
        if part in FACTS:
            attributes[part.value] = dict(named(items))
        else:
            attributes[part.value] = [one_line(item.text) for item in items]
    if left_out:
        attributes["left_out"] = left_out
    return packed(attributes)

"""The card as the `metadata` of a Sunshine `passControl`: flat, plain values, 4 KB.

https://docs.smooch.io/rest/#operation/passControl
"""

from handoff.cards.budget import FACTS
from handoff.cards.context import Context
from handoff.cards.fields import basics, fitted, named, packed, size
from handoff.domain.card import Card
from handoff.templating import one_line

MEDIA_TYPE = "application/json"
BUDGET = 4_096
"""Bytes of the metadata as JSON."""
LIMIT = "4 KB of JSON"
_PREFIX = "handoff."
_TAGS = "dataCapture.systemField.tags"
_STATUS = len(f"{_PREFIX}verified.") + 8
"""Bytes of a key beside its name, with a number that tells two of one name apart."""


def render(card: Card, context: Context) -> str:
    """Return the metadata as JSON: facts by status and name, everything else by part."""
    metadata: dict[str, str | int] = {f"{_PREFIX}{k}": v for k, v in basics(card, context).items()}
    metadata[_TAGS] = f"handoff,{card.reason.code}"
    room = BUDGET - size(dict(metadata)) - len(f'"{_PREFIX}left_out":,')
    found, left_out = fitted(card, context, room, _STATUS)
    for part, items in found.parts().items():
        if part in FACTS:
            for key, value in named(items):
                metadata[f"{_PREFIX}{part}.{key}"] = value
        else:
            metadata[f"{_PREFIX}{part}"] = "; ".join(one_line(item.text) for item in items)
    if left_out:
        metadata[f"{_PREFIX}left_out"] = left_out
    return packed(dict(metadata))

"""Ids from outside: stored as they are, so none may be a card number written as people write it."""

import re2

from handoff.domain.redaction import redact_text

CARD_IN_ID = "an id must not be a card number"

_UNGROUPED = re2.compile(
    r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|[0-9a-f]{24,}|[0-9]{9,}"
)
"""UUIDs, hexadecimal and plain numeric ids, telephone numbers: up to a tenth of them would pass
for a card number by chance, and a customer whose id was refused could never reach a person."""


def holds_card(text: str) -> bool:
    """Return whether an id holds a card number in groups, or a security code with its name."""
    return redact_text(text)[1] > 0 and redact_text(_UNGROUPED.sub("#", text))[1] > 0

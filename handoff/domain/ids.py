"""Ids from outside: stored as they are, so none may hold a card number."""

import re2

from handoff.domain.redaction import redact_text

CARD_IN_ID = "an id must not be a card number"

_RANDOM = re2.compile(r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|[0-9a-f]{24,}")
"""UUIDs and long hexadecimal ids: one of some thousands would pass for a card number by chance."""


def holds_card(text: str) -> bool:
    """Return whether an id holds a card number or a security code, random hexadecimal aside."""
    if not redact_text(text)[1]:
        return False
    rest = _RANDOM.sub(lambda found: found[0] if found[0].isdigit() else "#", text)
    return redact_text(rest)[1] > 0

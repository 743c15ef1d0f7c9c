"""Ids from outside: stored as they are, so none may be a card number written as people write it."""

from collections.abc import Mapping

import re2
from pydantic import JsonValue

from handoff.domain.redaction import redact_text

EXTERNAL = "external"
"""Attribute of a conversation: what the systems that carry it call it, by name."""
LONGEST_EXTERNAL = 200
CARD_IN_ID = "an id must not be a card number"

_UNGROUPED = re2.compile(
    r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|[0-9a-f]{24,}|[0-9]{9,}"
)
"""UUIDs, hexadecimal and plain numeric ids, telephone numbers: up to a tenth of them would pass
for a card number by chance, and a customer whose id was refused could never reach a person."""


_NAME = re2.compile(r"^[a-z][a-z0-9_]{0,63}$")
_WHOLE = re2.compile(r"^[!-~]*[A-Za-z0-9][!-~]*$")
_ACCOUNT = re2.compile(r"^(?:[0-9]+|[A-Z]{2}[0-9]{2}[A-Z0-9]+)$")
"""What may be a card's or a bank account's number and nothing else."""


def holds_card(text: str) -> bool:
    """Return whether an id holds a card number in groups, or a security code with its name."""
    return redact_text(text)[1] > 0 and redact_text(_UNGROUPED.sub("#", text))[1] > 0


def external_ids(attributes: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return the ids among a conversation's attributes: a call's, a contact's, a channel's.

    They are kept as they are: an id with a masked piece would be of no call at all. Whoever calls
    a card's number an id is not believed, but where the name says that it is one.
    """
    told = attributes.get(EXTERNAL)
    if not isinstance(told, dict):
        return {}
    return {
        name: value
        for name, value in told.items()
        if isinstance(value, str) and _NAME.search(name) and _is_id(name, value)
    }


def _is_id(name: str, value: str) -> bool:
    sound = len(value) <= LONGEST_EXTERNAL and _WHOLE.search(value) is not None
    if not sound or holds_card(value):
        return False
    account = not name.endswith("_id") and _ACCOUNT.search(value) is not None
    return not (account and redact_text(value)[1])


def with_external(
    facts: dict[str, JsonValue], told: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return masked facts with the ids that were told put back."""
    ids = external_ids(told)
    kept = facts.get(EXTERNAL)
    return (
        {**facts, EXTERNAL: {**(kept if isinstance(kept, dict) else {}), **ids}} if ids else facts
    )

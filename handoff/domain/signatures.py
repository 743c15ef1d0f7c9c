"""What callbacks prove: signatures, their age, and that something over there is what we marked.

An outside system lets more people write to its fields than may speak for an escalation: visitors
of a web chat set the attributes of their own conversation. So what tells us whose escalation a
thing is carries a mark that only we can make, and that holds for that one thing.
"""

import hmac
from datetime import UTC, datetime

from handoff.domain.errors import Unauthenticated

TOLERANCE = 300
"""Seconds a callback's timestamp may lie from ours."""
LONGEST_MARK = 200
_DIGITS = 11
"""Of a second since 1970, at most."""
_PURPOSE = b"handoff-mark/1"
_MAC = 24
"""Characters of a mark's signature: 96 bits."""


def same(expected: str, given: str) -> bool:
    """Tell whether a header is what it should be, whatever is in it, in constant time."""
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))


def fresh(second: str, at: datetime) -> bool:
    """Tell whether a header is a second since 1970 that lies near `at`."""
    sound = second.isascii() and second.isdigit() and len(second) <= _DIGITS
    return sound and near(datetime.fromtimestamp(int(second), UTC), at)


def near(then: datetime, at: datetime) -> bool:
    """Tell whether the moment that a callback names lies near `at`, before or after it."""
    return abs((at - then).total_seconds()) <= TOLERANCE


def shared(expected: str | None, given: str) -> None:
    """Raise Unauthenticated unless a header is the secret that both sides know.

    None is a secret that was never set: nobody knows that one.
    """
    if expected is None or not same(expected, given):
        raise Unauthenticated("the callback's secret is missing or wrong")


def mark(key: str, thing: str, escalation_id: str) -> str:
    """Return what ties an escalation to one thing over there: its id, signed."""
    return f"{escalation_id}.{_signature(key, thing, escalation_id)}"


def marked(key: str, thing: str, told: str) -> str:
    """Return the escalation that a thing was marked with; empty if it is none of our marks."""
    escalation_id, _, signature = told[:LONGEST_MARK].rpartition(".")
    genuine = same(_signature(key, thing, escalation_id), signature)
    return escalation_id if escalation_id and genuine else ""


def _signature(key: str, thing: str, escalation_id: str) -> str:
    message = b"\0".join(
        (_PURPOSE, thing.encode(errors="replace"), escalation_id.encode(errors="replace"))
    )
    return hmac.digest(key.encode(), message, "sha256").hex()[:_MAC]

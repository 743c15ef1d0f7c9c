"""Reply addresses: which escalation a mail answers, by a token that only we can make."""

import base64
import hmac
from collections.abc import Iterable

from handoff.domain.errors import ConnectorError

PLACE = "{token}"
"""What stands in the configured address where the token goes."""
LONGEST_LOCAL = 64
"""Octets before the `@` (RFC 5321 4.5.3.1.1)."""
_PURPOSE = b"handoff-reply/1:"
_MAC = 10
"""Octets of the token's signature: nobody guesses one of 2^80 by mail."""


def reply_address(pattern: str, escalation_id: str, key: bytes) -> str:
    """Return the address that answers to an escalation come to; raise ConnectorError if too long.

    Mail systems may change a local part's case: the token has none.
    """
    token = f"{escalation_id}-{_mac(escalation_id, key)}"
    address = pattern.replace(PLACE, token)
    if len(address.partition("@")[0]) > LONGEST_LOCAL:
        raise ConnectorError("the reply address is too long: shorten reply_to", retryable=False)
    return address


def answered_to(pattern: str, addresses: Iterable[str], key: bytes) -> str | None:
    """Return the escalation whose reply address is among those of a mail; None without one."""
    before, _, after = pattern.casefold().partition(PLACE)
    for address in addresses:
        folded = address.casefold()
        if not (folded.startswith(before) and folded.endswith(after)):
            continue
        token = folded[len(before) : len(folded) - len(after)]
        escalation_id, _, mac = token.rpartition("-")
        expected = _mac(escalation_id, key).encode()
        if escalation_id and hmac.compare_digest(expected, mac.encode(errors="replace")):
            return escalation_id
    return None


def _mac(escalation_id: str, key: bytes) -> str:
    named = _PURPOSE + escalation_id.casefold().encode(errors="replace")
    return base64.b32encode(hmac.digest(key, named, "sha256")[:_MAC]).decode().lower()

"""Signed pointers: which escalation a telephone call is about, as a SIP `User-to-User` header.

RFC 7433: https://www.rfc-editor.org/rfc/rfc7433. The header outlives transfers between systems that
keep nothing else, and holds 128 octets: too little for a card, enough for an id that expires.

    octet 0       protocol discriminator 0: the content is ours (RFC 7434, Q.931)
    octet 1       version of this layout
    octets 2-5    second of expiry since 1970
    octets 6-17   HMAC-SHA256 over all other octets, its first 96 bits
    octets 18-    the escalation's id
"""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from handoff.domain.errors import Invalid, Unauthenticated

MOST = 128
"""Octets of the whole header value."""
SHORTEST_KEY = 16
_START = bytes((0, 1))
_PURPOSE = b"handoff-pointer/1"
_TIME = 4
_MAC = 12
_HEAD = len(_START) + _TIME
_ENCODING = "encoding=hex"


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a call carries: whose card to show, and until when the pointer holds."""

    escalation_id: str
    expires_at: datetime


def pointed(pointer: Pointer, key: bytes) -> str:
    """Return the value of a `User-to-User` header; raise Invalid if it cannot be made or kept."""
    name = pointer.escalation_id.encode("utf-8", "replace")
    second = int(pointer.expires_at.timestamp())
    if not name or not 0 < second < 1 << 32:
        raise Invalid("a pointer needs an id and a time of expiry")
    head = _START + second.to_bytes(_TIME, "big")
    value = f"{(head + _signature(head, name, key) + name).hex()};{_ENCODING}"
    if len(value) > MOST:
        raise Invalid(f"an id of {len(name)} octets is too long for a header of {MOST}")
    return value


def followed(header: str, keys: Iterable[bytes], at: datetime) -> Pointer:
    """Return the pointer in a header's value, signed with one of the keys and not expired.

    Raise Unauthenticated if there is none: malformed, forged and expired ones look alike outside.
    Several keys let a new one come while the old one is still under way.
    """
    known = tuple(keys)
    for octets in _octets(header):
        head, signature, name = octets[:_HEAD], octets[_HEAD:][:_MAC], octets[_HEAD + _MAC :]
        genuine = any(hmac.compare_digest(signature, _signature(head, name, key)) for key in known)
        expires_at = datetime.fromtimestamp(int.from_bytes(head[len(_START) :], "big"), UTC)
        if genuine and expires_at > at:
            return Pointer(name.decode("utf-8", "replace"), expires_at)
    raise Unauthenticated("no valid pointer in this header")


def _octets(header: str) -> Iterator[bytes]:
    """Yield what the header's values hold, those that could be pointers of ours."""
    for value in header[: 16 * MOST].split(","):
        data, *parameters = (piece.strip() for piece in value.split(";"))
        if _ENCODING not in (parameter.replace(" ", "").casefold() for parameter in parameters):
            continue
        try:
            octets = bytes.fromhex(data)
        except ValueError:
            continue
        if octets.startswith(_START) and len(octets) > _HEAD + _MAC:
            yield octets


def _signature(head: bytes, name: bytes, key: bytes) -> bytes:
    if len(key) < SHORTEST_KEY:
        raise Invalid(f"a key that signs pointers has at least {SHORTEST_KEY} bytes")
    return hmac.digest(key, _PURPOSE + head + name, "sha256")[:_MAC]

"""What is signed by Standard Webhooks 1.0: over raw bytes, which need not be text.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pydantic import SecretStr

from handoff.domain.connector import Callback
from handoff.domain.errors import Unauthenticated
from handoff.domain.signatures import near

SECRET_BYTES = (24, 64)
_PREFIX = "whsec_"
_MOST = 20
"""Signatures of one callback that are looked at."""


def sound(secret: SecretStr) -> SecretStr:
    """Return the secret; raise ValueError unless it is 24 to 64 bytes as `whsec_` + base64."""
    try:
        size = len(key_of(secret))
    except (binascii.Error, ValueError):
        raise ValueError("must be whsec_ followed by base64") from None
    if not SECRET_BYTES[0] <= size <= SECRET_BYTES[1]:
        raise ValueError("must hold 24 to 64 random bytes")
    return secret


def key_of(secret: SecretStr) -> bytes:
    """Return the bytes of a secret; raise ValueError where it is no base64."""
    return base64.b64decode(secret.get_secret_value().removeprefix(_PREFIX), validate=True)


def content(message_id: str, at: datetime, body: bytes) -> bytes:
    """Return what is signed of a message."""
    return f"{message_id}.{int(at.timestamp())}.".encode() + body


def signature(key: bytes, message_id: str, at: datetime, body: bytes) -> str:
    """Return one signature of a message, as its header has it."""
    mac = hmac.digest(key, content(message_id, at, body), "sha256")
    return "v1," + base64.b64encode(mac).decode()


def verified(callback: Callback, keys: Iterable[bytes]) -> str:
    """Return the id of a callback that one of the keys signed lately; raise Unauthenticated."""
    message_id, at, given = checked(callback)
    if not matches(keys, message_id, at, callback.body, given):
        raise Unauthenticated("the webhook signature does not match")
    return message_id


def checked(callback: Callback) -> tuple[str, datetime, list[bytes]]:
    """Return id, time and signatures of a callback of these minutes; raise Unauthenticated.

    The library's own `verify` asks the machine's clock, takes only text and raises as it likes on
    hostile headers; so we sign what was said and compare.
    """
    message_id = callback.headers.get("webhook-id", "")
    at = _signed_at(callback.headers.get("webhook-timestamp", ""))
    if not 0 < len(message_id) <= 255 or not message_id.isprintable() or at is None:
        raise Unauthenticated("the webhook headers are missing or malformed")
    if not near(at, callback.at):
        raise Unauthenticated("the webhook timestamp is too old or too new")
    given = callback.headers.get("webhook-signature", "").encode(errors="replace").split()
    return message_id, at, given[:_MOST]


def matches(
    keys: Iterable[bytes], message_id: str, at: datetime, body: bytes, given: Sequence[bytes]
) -> bool:
    """Tell whether one of the signatures is one of the keys'."""
    expected = [signature(key, message_id, at, body).encode() for key in keys]
    return any(hmac.compare_digest(one, each) for one in expected for each in given)


def _signed_at(header: str) -> datetime | None:
    if not (header.isascii() and header.isdigit() and len(header) <= 11):
        return None
    return datetime.fromtimestamp(int(header), UTC)

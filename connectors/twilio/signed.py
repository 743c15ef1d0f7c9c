"""What Twilio calls us with: a form, verified by its signature over our address and its fields.

https://www.twilio.com/docs/usage/security. The signature has no time of its own: the fields have.
"""

import base64
import hmac
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl

from handoff.domain.connector import Callback
from handoff.domain.errors import Invalid, Unauthenticated
from handoff.domain.signatures import near

HEADER = "x-twilio-signature"
FIELDS = 200
_LATEST_MS = 14
"""Digits of a millisecond since 1970, at most."""


def verified(callback: Callback, url: str, token: str) -> dict[str, str]:
    """Return the form's fields; raise Unauthenticated if forged or stale, Invalid if malformed."""
    given = callback.headers.get(HEADER, "")
    try:
        signature = base64.b64decode(given, validate=True)
        text = callback.body.decode()
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        raise Unauthenticated("the Twilio signature is missing or malformed") from None
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    expected = hmac.digest(token.encode(), signed.encode("utf-8", "replace"), "sha1")
    if not hmac.compare_digest(expected, signature):
        raise Unauthenticated("the Twilio signature does not match")
    told = dict(fields)
    if not near(_sent(told), callback.at):
        raise Unauthenticated("the Twilio event is too old")
    return told


def _sent(told: dict[str, str]) -> datetime:
    """Return when an event was sent; raise Invalid where it does not say."""
    milliseconds, stamp = told.get("TimestampMs", ""), told.get("Timestamp", "")
    if stamp.isascii() and stamp.isdigit():
        milliseconds = milliseconds or f"{stamp}000"
    try:
        if milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= _LATEST_MS:
            return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
        at = datetime.fromisoformat(stamp) if stamp[:4].isdigit() else parsedate_to_datetime(stamp)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        raise Invalid("the callback is malformed at: Timestamp") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

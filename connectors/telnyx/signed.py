"""What Telnyx calls us with: signed with its key over time stamp and raw body (ed25519).

https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks
"""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import JsonValue

from handoff.domain.answers import json_of
from handoff.domain.connector import Callback
from handoff.domain.errors import Invalid, Unauthenticated
from handoff.domain.signatures import fresh

SIGNATURE, TIMESTAMP = "telnyx-signature-ed25519", "telnyx-timestamp"


def verified(callback: Callback, public_key: str) -> dict[str, JsonValue]:
    """Return the JSON object; raise Unauthenticated if forged or stale, Invalid if malformed."""
    stamp = callback.headers.get(TIMESTAMP, "")
    if not fresh(stamp, callback.at):
        raise Unauthenticated("the Telnyx time stamp is missing, malformed or too old")
    try:
        signature = base64.b64decode(callback.headers.get(SIGNATURE, ""), validate=True)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(signature, stamp.encode() + b"|" + callback.body)
    except (ValueError, InvalidSignature):
        raise Unauthenticated("the Telnyx signature does not match") from None
    told = json_of(callback.body)
    if not isinstance(told, dict):
        raise Invalid("the callback is no JSON object")
    return told

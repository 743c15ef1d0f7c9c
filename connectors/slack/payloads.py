"""What Slack calls us with: verified on the raw bytes, and read without trusting its shape.

https://docs.slack.dev/authentication/verifying-requests-from-slack
https://docs.slack.dev/reference/interaction-payloads
"""

from urllib.parse import parse_qs

from pydantic import JsonValue
from slack_sdk.signature import Clock, SignatureVerifier

from handoff.domain.answers import json_of, told_in
from handoff.domain.connector import Callback
from handoff.domain.errors import Invalid, Unauthenticated
from handoff.domain.signatures import fresh

SIGNATURE, TIMESTAMP = "x-slack-signature", "x-slack-request-timestamp"
_FORM = b"payload="
_LONGEST = 4_000


class _At(Clock):
    """Slack's verifier asks a clock; this one says when the callback came."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return self._seconds


def verified(callback: Callback, secret: str) -> dict[str, JsonValue]:
    """Return the payload; raise Unauthenticated if it is forged or stale, Invalid if malformed.

    The SDK's verifier raises ValueError or TypeError on headers that are no number or not ASCII:
    it is only given what it can take.
    """
    timestamp = callback.headers.get(TIMESTAMP, "")
    signature = callback.headers.get(SIGNATURE, "")
    if not (fresh(timestamp, callback.at) and signature.isascii()):
        raise Unauthenticated("the Slack signature headers are missing, malformed or too old")
    try:
        text = callback.body.decode()
    except UnicodeDecodeError:
        raise Unauthenticated("the Slack signature does not match") from None
    verifier = SignatureVerifier(secret, _At(callback.at.timestamp()))
    if not verifier.is_valid(text, timestamp, signature):
        raise Unauthenticated("the Slack signature does not match")
    return payload_of(callback)


def payload_of(callback: Callback) -> dict[str, JsonValue]:
    """Return the JSON object in a body, in a form's field or by itself; raise Invalid."""
    body = callback.body
    try:
        if body.startswith(_FORM):
            body = parse_qs(body.decode(), max_num_fields=10)["payload"][0].encode()
    except (ValueError, KeyError):
        body = b""
    payload = json_of(body)
    if not isinstance(payload, dict):
        raise Invalid("the callback is no JSON object")
    return payload


def first_action(payload: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the button that was pressed; raise Invalid where there is none."""
    actions = payload.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    if not isinstance(action, dict):
        raise Invalid("the callback is malformed at: actions")
    return action


def needed(payload: JsonValue, *path: str) -> str:
    """Return the text at a path; raise Invalid naming the place where there is none."""
    found = told_in(payload, *path)
    if not 0 < len(found) <= _LONGEST or "\0" in found:
        raise Invalid(f"the callback is malformed at: {'.'.join(path)}")
    return found

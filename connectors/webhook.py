"""Escalations as webhooks by Standard Webhooks 1.0, and what receivers answer by the same scheme.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
import json
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    JsonValue,
    SecretStr,
    ValidationError,
)
from standardwebhooks import Webhook as Signer

from handoff.domain.answers import refusal
from handoff.domain.audit import timestamp
from handoff.domain.card import card_json
from handoff.domain.connector import Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated
from handoff.domain.escalation import Escalation

TOLERANCE = 300
"""Seconds a callback's timestamp may lie from ours."""
SECRET_BYTES = (24, 64)
BODY_LIMIT = 262_144
"""Bytes of a body; past it the card stays away and `card_url` leads to it."""


def _sound(secret: SecretStr) -> SecretStr:
    """Return the secret; raise ValueError unless it is 24 to 64 bytes as `whsec_` + base64."""
    text = secret.get_secret_value().removeprefix("whsec_")
    try:
        size = len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise ValueError("must be whsec_ followed by base64") from None
    if not SECRET_BYTES[0] <= size <= SECRET_BYTES[1]:
        raise ValueError("must hold 24 to 64 random bytes")
    return secret


class Webhook:
    """Posts the escalation with its card. Duplicates: possible, under the same `webhook-id`.

    A receiver that remembers ids for a day sees each once. We cannot ask it what it has, so an
    unknown outcome is repeated with the same id.
    """

    class Config(BaseModel):
        """Where to post, and the secret shared with the receiver (both ways)."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(description="the receiver's endpoint")
        secret: Annotated[SecretStr, AfterValidator(_sound)] = Field(
            description="whsec_ followed by 24 to 64 random bytes in base64"
        )
        deadline: float = Field(
            default=15.0, gt=0, le=30, description="seconds until an answer must be complete"
        )

    moves: ClassVar = frozenset({Moves.WORK_ITEM})

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep the way out and the signer."""
        self._config = config
        self._outbound = outbound
        self._signer = Signer(config.secret.get_secret_value())

    def deliver(self, parcel: Parcel) -> Receipt:
        """Post it; only 2xx confirms. The table of other answers is `domain.answers`."""
        body = _message(parcel)
        headers = {
            "content-type": "application/json",
            "webhook-id": parcel.delivery_id,
            "webhook-timestamp": str(int(parcel.at.timestamp())),
            "webhook-signature": self._sign(parcel.delivery_id, parcel.at, body),
        }
        if parcel.trace is not None:
            headers["traceparent"] = parcel.trace
        reply = self._outbound.post(
            str(self._config.url),
            body.encode(),
            headers,
            deadline=self._config.deadline,
        )
        error = refusal(reply.status, reply.headers, parcel.at)
        if error is not None:
            raise error
        return Receipt(parcel.delivery_id)

    def look_up(self, parcel: Parcel) -> Receipt | None:  # noqa: ARG002 # the port's argument
        """Raise ConnectorError: a webhook's receiver has no way to be asked."""
        raise ConnectorError("a receiver cannot be asked", unknown=True, retryable=False)

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what the receiver says; raise Unauthenticated if forged, Invalid if malformed."""
        event_id = self._verified(callback)
        try:
            told = Told.model_validate_json(callback.body)
        except ValidationError as error:
            places = {".".join(map(str, e["loc"])) or "body" for e in error.errors()}
            raise Invalid(f"the callback is malformed at: {', '.join(sorted(places))}") from None
        details: dict[str, JsonValue] = told.data.model_dump(
            exclude={"escalation_id", "by"}, exclude_none=True
        )
        verb = told.type.removeprefix("escalation.")
        return (Said(event_id, verb, told.data.escalation_id, told.data.by, details),)

    def _sign(self, message_id: str, at: datetime, body: str) -> str:
        return self._signer.sign(message_id, at.astimezone(UTC), body)

    def _verified(self, callback: Callback) -> str:
        """Return the id of a callback that is signed and fresh; raise Unauthenticated otherwise.

        The library's own `verify` asks the machine's clock and raises as it likes on hostile
        headers; so we sign what was said and compare.
        """
        message_id = callback.headers.get("webhook-id", "")
        at = _signed_at(callback.headers.get("webhook-timestamp", ""))
        if not 0 < len(message_id) <= 255 or at is None:
            raise Unauthenticated("the webhook headers are missing or malformed")
        if abs((callback.at - at).total_seconds()) > TOLERANCE:
            raise Unauthenticated("the webhook timestamp is too old or too new")
        try:
            expected = self._sign(message_id, at, callback.body.decode()).encode()
        except UnicodeError:
            raise Unauthenticated("the webhook signature does not match") from None
        given = callback.headers.get("webhook-signature", "").encode(errors="replace").split()
        if not any(hmac.compare_digest(expected, signature) for signature in given[:20]):
            raise Unauthenticated("the webhook signature does not match")
        return message_id


def _signed_at(header: str) -> datetime | None:
    if not (header.isascii() and header.isdigit() and len(header) <= 11):
        return None
    return datetime.fromtimestamp(int(header), UTC)


def _message(parcel: Parcel) -> str:
    """Return the JSON body; without the card where that would be too long to send."""
    data: dict[str, JsonValue] = {
        "escalation": _escalation(parcel.escalation),
        "card": card_json(parcel.card),
        "card_url": parcel.card_url,
    }
    told = {"type": f"escalation.{parcel.event}", "timestamp": timestamp(parcel.at), "data": data}
    body = json.dumps(told)
    if len(body) > BODY_LIMIT:
        body = json.dumps({**told, "data": {**data, "card": None}})
    return body


def _escalation(escalation: Escalation) -> dict[str, JsonValue]:
    closed_at = escalation.closed_at
    return {
        "escalation_id": escalation.escalation_id,
        "conversation_id": escalation.conversation_id,
        "tenant": escalation.tenant,
        "state": escalation.state.value,
        "version": escalation.version,
        "queue": escalation.queue,
        "priority": escalation.priority,
        "reason_code": escalation.reason_code,
        "channel": escalation.channel,
        "job": escalation.job,
        "intent": escalation.intent,
        "language": escalation.language,
        "customer_key": escalation.customer_key,
        "owner": escalation.owner,
        "opened_at": timestamp(escalation.opened_at),
        "closed_at": timestamp(closed_at) if closed_at else None,
        "outcome": escalation.outcome.value if escalation.outcome else None,
        "disposition": escalation.disposition,
        "previous_id": escalation.previous_id,
    }


def _without_nul(text: str) -> str:
    return text.replace("\0", "")


Text = Annotated[str, Field(max_length=8_000), AfterValidator(_without_nul)]
"""Somebody's words. PostgreSQL keeps no NUL, so nobody does."""
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_nul)]


class ToldData(BaseModel):
    """What a callback is about. Numbers with a fraction are not taken: JSON's NaN is none."""

    escalation_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    by: Name = Field(description="who did it, as the receiver calls them")
    why: Text | None = None
    text: Text | None = Field(default=None, description="of a note")
    outcome: Name | None = None
    disposition: Name | None = None
    brief: dict[Name, Text | bool | int | list[Text]] | None = Field(
        default=None, description="what was done and promised, on return"
    )


class Told(BaseModel):
    """A callback's body. Its types are none of ours: a message of ours sent back says nothing."""

    type: Literal[
        "escalation.claim",
        "escalation.decline",
        "escalation.release",
        "escalation.note",
        "escalation.dispose",
        "escalation.return",
    ]
    data: ToldData

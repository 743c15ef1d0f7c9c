"""Escalations as webhooks by Standard Webhooks 1.0, and what receivers answer by the same scheme.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from datetime import datetime
from typing import Annotated, ClassVar

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

from connectors.webhook.bodies import Told, message, trial
from connectors.webhook.keys import Keys, private, public
from handoff.domain.answers import refusal
from handoff.domain.connector import Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError, Invalid
from handoff.domain.standard_webhooks import key_of, sound


def _private(key: SecretStr) -> SecretStr:
    private(key)
    return key


def _public(key: str) -> str:
    public(key)
    return key


Secret = Annotated[SecretStr, AfterValidator(sound)]


class Webhook:
    """Posts the escalation with its card. Duplicates: possible, under the same `webhook-id`.

    A receiver that remembers ids for a day sees each once. We cannot ask it what it has, so an
    unknown outcome is repeated with the same id.
    """

    class Config(BaseModel):
        """Where to post, and the secret shared with the receiver (both ways)."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(description="the receiver's endpoint")
        secret: Secret = Field(description="whsec_ followed by 24 to 64 random bytes in base64")
        secret_before: Secret | None = Field(
            default=None,
            description="the secret before: signs too, and is taken, until you leave it out",
        )
        private_key: Annotated[SecretStr, AfterValidator(_private)] | None = Field(
            default=None, description="whsk_ and base64: signs with ed25519 (`v1a`) too"
        )
        public_key: Annotated[str, AfterValidator(_public)] | None = Field(
            default=None, description="whpk_ and base64: the receiver's own, for what it calls back"
        )
        deadline: float = Field(
            default=15.0, gt=0, le=30, description="seconds until an answer must be complete"
        )

    moves: ClassVar = frozenset({Moves.WORK_ITEM})

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep the way out and the signer."""
        self._config = config
        self._outbound = outbound
        before = (config.secret_before,) if config.secret_before else ()
        self._keys = Keys(
            tuple(key_of(secret) for secret in (config.secret, *before)),
            private(config.private_key) if config.private_key else None,
            public(config.public_key) if config.public_key else None,
        )

    def deliver(self, parcel: Parcel) -> Receipt:
        """Post it; only 2xx confirms. The table of other answers is `domain.answers`."""
        traced = {} if parcel.trace is None else {"traceparent": parcel.trace}
        return self._post(parcel.delivery_id, parcel.at, message(parcel).encode(), traced)

    def try_out(self, message_id: str, at: datetime) -> Receipt:
        """Post a `webhook.test`, which tells of no escalation; raise as `deliver` does."""
        return self._post(message_id, at, trial(at).encode(), {})

    def look_up(self, parcel: Parcel) -> Receipt | None:  # noqa: ARG002 # the port's argument
        """Raise ConnectorError: a webhook's receiver has no way to be asked."""
        raise ConnectorError("a receiver cannot be asked", unknown=True, retryable=False)

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what the receiver says; raise Unauthenticated if forged, Invalid if malformed."""
        event_id = self._keys.verified(callback)
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

    def _post(self, message_id: str, at: datetime, body: bytes, more: dict[str, str]) -> Receipt:
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._keys.signatures(message_id, at, body),
        }
        reply = self._outbound.post(
            str(self._config.url),
            body,
            headers | more,
            deadline=self._config.deadline,
        )
        error = refusal(reply.status, reply.headers, at)
        if error is not None:
            raise error
        return Receipt(message_id)

"""What a connector is: what it is given to send, and what it makes of a callback."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue

from handoff.domain.card import Card
from handoff.domain.delivery import Receipt
from handoff.domain.escalation import Escalation


class Moves(StrEnum):
    """What a connector moves."""

    LIVE_VOICE = "live_voice"
    LIVE_MESSAGING = "live_messaging"
    WORK_ITEM = "work_item"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a connector is given to send. `delivery_id` is the receiver's idempotency key."""

    delivery_id: str
    tenant: str
    event: str
    escalation: Escalation
    card: Card
    attempt: int
    at: datetime
    """When this attempt is made."""
    reference: str | None = None
    """The receiver's own id from an earlier confirmed delivery of this escalation."""
    card_url: str | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """What an outside system sent us, unparsed: verify on the raw bytes."""

    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What a verified callback means: a verb of ours on one escalation."""

    event_id: str
    verb: str
    """claim, decline, release, note, dispose, return."""
    escalation_id: str
    by: str
    details: dict[str, JsonValue]


class Connector(Protocol):
    """Sends cards to one outside system and understands what it calls back."""

    moves: frozenset[Moves]

    def deliver(self, parcel: Parcel) -> Receipt:
        """Send it; raise ConnectorError saying whether it may be repeated or is unknown."""

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Ask the other side whether it has it, after an unknown outcome; None means no.

        Raise ConnectorError(unknown=True, retryable=False) where it never lets us look: it is
        then sent again under the same key. After any other error it is looked up again later.
        """

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what a callback says; raise Unauthenticated if forged, Invalid if malformed."""


class OutboundReply(Protocol):
    """An answer from outside, bounded in size."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Outbound(Protocol):
    """The one guarded way out: total deadline, size cap, no redirects, checked addresses."""

    def post(
        self, url: str, body: bytes, headers: dict[str, str], *, deadline: float = 15.0
    ) -> OutboundReply:
        """Send; raise ConnectorError, `unknown` when the request may have arrived."""

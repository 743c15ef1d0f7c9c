"""What a connector is: what it is given to send, and what it makes of a callback."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from pydantic import JsonValue

from handoff.domain.card import Card
from handoff.domain.delivery import Receipt
from handoff.domain.escalation import Escalation
from handoff.domain.incident import Incident

NOTHING = "nothing"
"""The reference of an end where the other side never had the beginning."""
ENDS = frozenset({"closed", "withdrawn"})
"""Events after which there is nothing to tell any more."""
WITHDRAWN = "withdrawn: somebody else is asked"
"""What people over there read of an escalation that goes elsewhere."""


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
    """opened, updated (a new card), changed (owner, queue, state), withdrawn, closed; incident."""
    escalation: Escalation
    card: Card
    attempt: int
    at: datetime
    """When this attempt is made."""
    reference: str | None = None
    """The receiver's own id from an earlier confirmed delivery of this escalation."""
    card_url: str | None = None
    """Where people read the whole card, escaped as `safe_link` does."""
    trace: str | None = None
    """The `traceparent` of this attempt, for receivers that take one."""
    external: Mapping[str, str] = field(default_factory=dict)
    """What other systems call the call or chat itself, as the runtime told: `telnyx_call`, …"""
    incident: Incident | None = None
    """How the incident is, where the event is about one; the escalation is one of its."""


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
    """claim, accept, decline, release, note, message, assigned, resolve, dispose, return.

    Of what happened over there, late and out of order as it may come: leg (`leg_id`, `state`,
    `result`), reserved, unreserved (`result`), wrapping, left. What no longer fits is left out.
    """
    escalation_id: str
    by: str
    details: dict[str, JsonValue]
    conversation_id: str = ""
    """Instead of an escalation's id, where the other side knows only the conversation's."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a callback is answered with, where its sender minds."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"


class Connector(Protocol):
    """Sends cards to one outside system and understands what it calls back.

    One that shows who has an escalation has `follows = True` and is told of each change; one that
    nobody calls back has `hears = False`; one whose other side routes its queue has
    `routes = True`; one that is told of incidents and of no escalation by itself has
    `incidents = True`; one that answers in its own way is `Acknowledging`, one whose account can
    be looked at is `Checkable`, one that can send a marked test is `Triable`.
    """

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


@runtime_checkable
class Acknowledging(Connector, Protocol):
    """A connector whose callbacks want an answer of their own; called once they are verified."""

    def acknowledge(self, callback: Callback, refused: str | None) -> Acknowledgement:
        """Return the answer; `refused` says why what was asked for did not happen."""


@runtime_checkable
class Checkable(Connector, Protocol):
    """A connector whose credentials and permissions can be looked at without a side effect."""

    def check(self, at: datetime) -> str:
        """Return in a line what was found; raise ConnectorError saying what is wrong."""


@runtime_checkable
class Triable(Connector, Protocol):
    """A connector that can send its other side something marked as a test."""

    def try_out(self, message_id: str, at: datetime) -> Receipt:
        """Send it under this id, which tells its repeats; raise ConnectorError as `deliver`."""


def follows(connector: Connector) -> bool:
    """Tell whether a connector shows who has an escalation, and is told of each change."""
    return bool(getattr(connector, "follows", False))


def routes(connector: Connector) -> bool:
    """Tell whether the other side is its queue's router: it reserves, offers and wraps up."""
    return bool(getattr(connector, "routes", False))


def of_incidents(connector: Connector) -> bool:
    """Tell whether a connector is told of incidents, and of no escalation by itself."""
    return bool(getattr(connector, "incidents", False))


def hears(connector: Connector) -> bool:
    """Tell whether the other side calls back at all."""
    return bool(getattr(connector, "hears", True))


class OutboundReply(Protocol):
    """An answer from outside, bounded in size."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Dialled(Protocol):
    """An open connection to a checked address."""

    def detach(self) -> int:
        """Return its file descriptor, which is the caller's to close from then on."""


class Outbound(Protocol):
    """The one guarded way out: total deadline, size cap, no redirects, checked addresses."""

    def post(
        self, url: str, body: bytes, headers: dict[str, str], *, deadline: float = 15.0
    ) -> OutboundReply:
        """Send; raise ConnectorError, `unknown` when the request may have arrived."""

    def send(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: dict[str, str],
        *,
        deadline: float = 15.0,
    ) -> OutboundReply:
        """Send by any method; raise as `post` does."""

    def dial(self, host: str, port: int, *, deadline: float = 15.0) -> Dialled:
        """Connect to what the operator named, for what is no HTTP; raise ConnectorError."""

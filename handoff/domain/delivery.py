"""A delivery: one connector times one event of one escalation, and what came of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from handoff.domain.errors import ConnectorError


class DeliveryState(StrEnum):
    """Where a delivery is. Confirmed never means that the customer is connected."""

    PENDING = "pending"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DEAD = "dead"


class Clock(StrEnum):
    """How fast a delivery is retried: `live` while a person waits, `record` for the books."""

    LIVE = "live"
    RECORD = "record"


LIVE_DELAYS = (0.0, 1.0, 3.0, 10.0, 30.0)
"""Seconds before each try while a person waits; the desk shows the escalation all along."""

RECORD_DELAYS = (0.0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each try of a record: Svix's published schedule, and 14, 20 and 24 hours more."""

LEASE = timedelta(seconds=30)
HEARTBEAT = timedelta(seconds=10)
RETRY_AFTER = (1.0, 6 * 3_600.0)
"""A receiver's Retry-After is clamped to these seconds."""
POISON_LIMIT = 5
"""Starts of one delivery that ended without a word (the process died) before it is set aside."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox. `delivery_id` is constant over attempts and is the receiver's key."""

    tenant: str
    delivery_id: str
    escalation_id: str
    connector: str
    """Name of a configured connector, e.g. `desk`, `webhook`, `outbox_dir`."""
    event: str
    """opened, updated, changed.<version of the escalation>, withdrawn, closed; updated.<version>
    where it came to another queue; incident.opened and incident.closed, at an incident's first
    escalation."""
    clock: Clock
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    card_version: int = 1
    attempts: int = 0
    starts: int = 0
    """Tries begun since the last one that came to a result, the present one among them."""
    attempt_token: str | None = None
    lease_until: datetime | None = None
    reference: str | None = None
    """What the other side calls it, once confirmed."""
    error: str | None = None
    settled_at: datetime | None = None

    @property
    def poisonous(self) -> bool:
        """Tell whether it ended its sender so often that this try must not be made."""
        return self.starts > POISON_LIMIT


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side's word that it has the delivery."""

    reference: str
    detail: str = ""


def delays(clock: Clock) -> tuple[float, ...]:
    """Return the seconds before each try on a clock."""
    return LIVE_DELAYS if clock is Clock.LIVE else RECORD_DELAYS


def confirmed(delivery: Delivery, receipt: Receipt, at: datetime) -> Delivery:
    """Return the delivery as confirmed by its receiver."""
    return replace(
        _settled(delivery, DeliveryState.CONFIRMED, at), reference=receipt.reference, error=None
    )


def failed(delivery: Delivery, error: ConnectorError, at: datetime, chance: float) -> Delivery:
    """Return the delivery after a failed try: due again, unknown and due a look, refused or dead.

    `chance` (0 to 1) draws the jitter: a record waits between half and all of its delay, a live
    one exactly its delay.
    """
    if not error.retryable and not error.unknown:
        return replace(_settled(delivery, DeliveryState.REFUSED, at), error=error.message)
    schedule = delays(delivery.clock)
    if delivery.attempts >= len(schedule):
        return replace(_settled(delivery, DeliveryState.DEAD, at), error=error.message)
    wait = schedule[delivery.attempts]
    if delivery.clock is Clock.RECORD:
        wait *= 0.5 + chance / 2
    if error.retry_after is not None:
        wait = max(wait, min(max(error.retry_after, RETRY_AFTER[0]), RETRY_AFTER[1]))
    state = DeliveryState.UNKNOWN if error.unknown else DeliveryState.PENDING
    return replace(
        delivery,
        state=state,
        due_at=at + timedelta(seconds=wait),
        starts=0,
        attempt_token=None,
        lease_until=None,
        error=error.message,
    )


def set_aside(delivery: Delivery, at: datetime) -> Delivery:
    """Return a poisonous delivery as dead, the try that is not made not counted."""
    error = f"begun {POISON_LIMIT} times without coming to a result: set aside"
    dead = _settled(delivery, DeliveryState.DEAD, at)
    return replace(dead, attempts=delivery.attempts - 1, error=error)


def _settled(delivery: Delivery, state: DeliveryState, at: datetime) -> Delivery:
    return replace(
        delivery, state=state, settled_at=at, attempt_token=None, lease_until=None, starts=0
    )


def given_back(delivery: Delivery) -> Delivery:
    """Return a claimed delivery that was not begun as one to be taken up at once."""
    known = delivery.state is DeliveryState.UNKNOWN
    return replace(
        delivery,
        state=DeliveryState.UNKNOWN if known else DeliveryState.PENDING,
        attempts=delivery.attempts - 1,
        starts=delivery.starts - 1,
        attempt_token=None,
        lease_until=None,
    )


def left_unknown(delivery: Delivery, at: datetime) -> Delivery:
    """Return a delivery whose sender can't wait for its end: due, and to be looked up first."""
    return replace(
        delivery,
        state=DeliveryState.UNKNOWN,
        due_at=max(delivery.due_at, at),
        attempt_token=None,
        lease_until=None,
        error="its sender was stopped before it ended",
    )

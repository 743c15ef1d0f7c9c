"""How deliveries are retried and given up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handoff.domain.delivery import (
    LIVE_DELAYS,
    RECORD_DELAYS,
    Clock,
    Delivery,
    DeliveryState,
    Receipt,
    confirmed,
    failed,
)
from handoff.domain.errors import ConnectorError

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
DOWN = ConnectorError("connection refused")


def sending(attempts: int = 1, clock: Clock = Clock.LIVE) -> Delivery:
    """Return a delivery in its `attempts`-th try."""
    return Delivery(
        tenant="default",
        delivery_id="dlv_1",
        escalation_id="esc_1",
        connector="webhook",
        event="opened",
        clock=clock,
        state=DeliveryState.SENDING,
        created_at=AT,
        due_at=AT,
        attempts=attempts,
        starts=1,
        attempt_token="t1",
        lease_until=AT + timedelta(seconds=30),
    )


@pytest.mark.parametrize("attempts", range(1, len(LIVE_DELAYS)))
def test_a_live_delivery_follows_the_live_clock(attempts: int) -> None:
    """While a person waits, tries come at 0, 1, 3, 10 and 30 seconds."""
    after = failed(sending(attempts), DOWN, AT, chance=0.9)

    assert after.state is DeliveryState.PENDING
    assert after.due_at - AT == timedelta(seconds=LIVE_DELAYS[attempts])
    assert after.attempt_token is None


@pytest.mark.parametrize(
    ("clock", "tries"), [(Clock.LIVE, len(LIVE_DELAYS)), (Clock.RECORD, len(RECORD_DELAYS))]
)
def test_an_exhausted_schedule_is_visibly_dead(clock: Clock, tries: int) -> None:
    """After the last try a delivery is dead, with its last error."""
    after = failed(sending(tries, clock), DOWN, AT, chance=0.5)

    assert (after.state, after.error) == (DeliveryState.DEAD, "connection refused")


def test_jitter_spreads_records_over_half_of_their_delay() -> None:
    """Records of many escalations do not all come back in one instant."""
    waits = [
        (failed(sending(2, Clock.RECORD), DOWN, AT, chance).due_at - AT).total_seconds()
        for chance in (0.0, 1.0)
    ]

    assert waits == [RECORD_DELAYS[2] / 2, RECORD_DELAYS[2]]


@pytest.mark.parametrize(("asked", "waited"), [(20.0, 20), (-5.0, 1), (10**9, 6 * 3600)])
def test_retry_after_is_honoured_within_bounds(asked: float, waited: int) -> None:
    """A receiver may slow us down, not stop us for ever nor hurry us."""
    error = ConnectorError("busy", retry_after=asked)

    after = failed(sending(1), error, AT, chance=0.0)

    assert after.due_at - AT == timedelta(seconds=waited)


def test_a_refusal_ends_it_and_an_unknown_asks_for_a_look() -> None:
    """Refused is final; unknown is to be looked up before it is repeated."""
    refused = failed(sending(), ConnectorError("400", retryable=False), AT, chance=0.0)
    unknown = failed(sending(), ConnectorError("time-out", unknown=True), AT, chance=0.0)

    assert refused.state is DeliveryState.REFUSED
    assert unknown.state is DeliveryState.UNKNOWN


def test_a_confirmation_keeps_the_receivers_reference() -> None:
    """What the other side calls it is kept, earlier errors are not."""
    after = confirmed(replace(sending(), error="earlier"), Receipt("T-7"), AT)

    assert (after.state, after.reference, after.error) == (DeliveryState.CONFIRMED, "T-7", None)
    assert after.settled_at == AT

"""What is due over all tenants: claimed once, in order, taken over when its sender dies."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from handoff.domain.delivery import LEASE, POISON_LIMIT, Clock, Delivery, DeliveryState
from handoff.domain.escalation import State
from handoff.domain.records import Due
from handoff.store import SqlStore
from tests.factories import NOON, TENANT, api_key, delivery, escalation, put, session

SECOND = timedelta(seconds=1)


def tokens() -> Callable[[], str]:
    """Return a maker of tokens t1, t2, …"""
    numbers = count(1)
    return lambda: f"t{next(numbers)}"


def outbox(store: SqlStore, *deliveries: Delivery) -> None:
    """Store deliveries of one escalation."""
    store.write(TENANT, lambda tx: put(tx, escalation(), *deliveries))


def claim(store: SqlStore, at: datetime = NOON, limit: int = 10) -> tuple[Delivery, ...]:
    """Claim what is due."""
    return store.write_any(lambda work: work.claim_deliveries(at, limit, tokens()))


def claimed_ids(store: SqlStore, at: datetime = NOON, limit: int = 10) -> list[str]:
    """Return the ids of what is claimed."""
    return [one.delivery_id for one in claim(store, at, limit)]


def test_a_due_delivery_is_leased(store: SqlStore) -> None:
    """With a token, a lease, and one more try counted; and only once."""
    outbox(store, delivery())

    claimed = claim(store)

    leased = delivery(
        state=DeliveryState.SENDING,
        attempt_token="t1",
        lease_until=NOON + LEASE,
        attempts=1,
        starts=1,
    )
    assert claimed == (leased,)
    assert store.read(TENANT, lambda tx: tx.deliveries.get("d1")) == leased
    assert claim(store) == ()


def test_what_is_not_due_waits(store: SqlStore) -> None:
    """Until its time, which the store can tell."""
    outbox(store, delivery(due_at=NOON + SECOND))

    assert claimed_ids(store, NOON) == []
    assert store.read_any(lambda work: work.next_delivery_at(NOON)) == NOON + SECOND
    assert claimed_ids(store, NOON + SECOND) == ["d1"]


def test_live_goes_before_record(store: SqlStore) -> None:
    """A waiting person comes before the books, however long these are due."""
    outbox(
        store,
        delivery(delivery_id="d1", connector="a", clock=Clock.RECORD, due_at=NOON - SECOND),
        delivery(delivery_id="d2", connector="b", due_at=NOON),
        delivery(delivery_id="d3", connector="c", due_at=NOON - SECOND),
    )

    assert claimed_ids(store, limit=2) == ["d3", "d2"]
    assert claimed_ids(store) == ["d1"]


def test_one_connector_gets_an_escalation_in_order(store: SqlStore) -> None:
    """The later waits until the earlier is settled; other connectors do not wait."""
    outbox(
        store,
        delivery(delivery_id="d1", due_at=NOON + SECOND),
        delivery(delivery_id="d2", event="closed", created_at=NOON + SECOND),
        delivery(delivery_id="d3", connector="desk", created_at=NOON + SECOND),
    )

    assert claimed_ids(store) == ["d3"]
    assert store.read_any(lambda work: work.next_delivery_at(NOON)) == NOON + SECOND
    first = claim(store, NOON + SECOND)[0]
    assert (first.delivery_id, claimed_ids(store, NOON + SECOND)) == ("d1", [])

    dead = replace(first, state=DeliveryState.DEAD, attempt_token=None, lease_until=None)
    store.write(TENANT, lambda tx: tx.deliveries.settle(dead, "t1"))
    assert claimed_ids(store, NOON + SECOND) == ["d2"]


def test_an_unknown_one_stays_marked(store: SqlStore) -> None:
    """The caller must look it up first; in the database it is being sent."""
    outbox(store, delivery(state=DeliveryState.UNKNOWN, attempts=1))

    claimed = claim(store)

    kept = store.read(TENANT, lambda tx: tx.deliveries.get("d1"))
    assert kept is not None
    assert (claimed[0].state, claimed[0].attempts) == (DeliveryState.UNKNOWN, 2)
    assert kept == replace(claimed[0], state=DeliveryState.SENDING)


def test_a_lapsed_lease_is_taken_over_as_unknown(store: SqlStore) -> None:
    """Its sender died: nobody knows whether it arrived. The old token is void then."""
    outbox(store, delivery())
    first = claim(store)[0]

    early = claim(store, NOON + LEASE - SECOND)
    taken = store.write_any(lambda w: w.claim_deliveries(NOON + LEASE, 9, lambda: "new"))

    assert early == ()
    assert [(one.state, one.attempt_token) for one in taken] == [(DeliveryState.UNKNOWN, "new")]
    assert not store.write(TENANT, lambda tx: tx.deliveries.settle(first, "t1"))


def test_a_heartbeat_keeps_the_lease(store: SqlStore) -> None:
    """While the token is ours."""
    outbox(store, delivery())
    claim(store)
    later = NOON + 2 * LEASE

    ours = store.write_any(lambda work: work.heartbeat("d1", "t1", later))
    others = store.write_any(lambda work: work.heartbeat("d1", "t9", later + LEASE))

    assert (ours, others) == (True, False)
    assert store.read_any(lambda work: work.next_delivery_at(NOON)) == later
    assert claimed_ids(store, NOON + LEASE) == []


def test_every_start_is_counted(store: SqlStore) -> None:
    """So that one which takes its sender down every time is known for it."""
    outbox(store, delivery())
    at = NOON
    for _ in range(POISON_LIMIT):
        assert not claim(store, at)[0].poisonous
        at += LEASE

    assert claim(store, at)[0].poisonous


def test_timers_are_due_over_all_tenants(store: SqlStore) -> None:
    """Longest overdue first; closed escalations have none."""
    late = escalation(due_at=NOON - SECOND)
    store.write("a", lambda tx: put(tx, replace(late, tenant="a", due_at=NOON)))
    store.write("b", lambda tx: put(tx, replace(late, tenant="b")))
    store.write("c", lambda tx: put(tx, replace(late, tenant="c", state=State.CLOSED)))
    store.write("d", lambda tx: put(tx, replace(late, tenant="d", due_at=NOON + SECOND)))

    due = store.read_any(lambda work: work.due_timers(NOON, 10))

    assert due == (Due("b", "e1", NOON - SECOND), Due("a", "e1", NOON))
    assert store.read_any(lambda work: work.due_timers(NOON, 1)) == due[:1]
    assert store.read_any(lambda work: work.next_timer_at()) == NOON - SECOND


def test_keys_and_logins_are_found_without_a_tenant(store: SqlStore) -> None:
    """They say whose they are."""
    store.write(TENANT, lambda tx: tx.access.add_key(api_key()))
    store.write(TENANT, lambda tx: tx.access.add_session(session()))

    assert store.read_any(lambda work: work.key("k1")) == api_key()
    assert store.read_any(lambda work: work.session("70c3")) == session()
    assert store.read_any(lambda work: work.key("k2")) is None
    assert store.read_any(lambda work: work.session("0000")) is None


def test_gauges_count_what_is_there_now(store: SqlStore) -> None:
    """By state, with zeros; what is over is not counted."""
    outbox(
        store,
        delivery(delivery_id="d1", created_at=NOON - SECOND),
        delivery(delivery_id="d2", connector="b", state=DeliveryState.DEAD),
        delivery(delivery_id="d3", connector="c", state=DeliveryState.CONFIRMED),
    )

    counts = store.read_any(lambda work: work.counts())

    assert {name: number for name, number in counts.items() if number} == {
        "escalations_queued": 1,
        "deliveries_pending": 1,
        "deliveries_dead": 1,
    }
    assert counts["escalations_active"] == 0
    assert store.read_any(lambda work: work.oldest_undelivered(Clock.LIVE)) == NOON - SECOND
    assert store.read_any(lambda work: work.oldest_undelivered(Clock.RECORD)) is None


def test_an_empty_database_has_nothing_due(store: SqlStore) -> None:
    """And answers."""
    store.read_any(lambda work: work.ping())

    assert store.read_any(lambda work: work.next_delivery_at(NOON)) is None
    assert store.read_any(lambda work: work.next_timer_at()) is None

"""The outbox: added with the escalation, listed, settled by token, replayed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handoff.domain.delivery import DeliveryState, Receipt, confirmed
from handoff.domain.errors import Conflict
from handoff.domain.records import Page
from handoff.store import SqlStore
from tests.factories import NOON, TENANT, delivery, escalation, put

LATER = NOON + timedelta(minutes=1)


def test_a_delivery_is_read_as_it_was_added(store: SqlStore) -> None:
    """Every field survives."""
    added = delivery(reference="r", error="slow", lease_until=NOON, attempt_token="t", starts=2)

    store.write(TENANT, lambda tx: put(tx, escalation(), added))

    assert store.read(TENANT, lambda tx: tx.deliveries.get("d1")) == added
    assert store.read(TENANT, lambda tx: tx.deliveries.of("e1")) == (added,)


def test_the_same_event_goes_out_once(store: SqlStore) -> None:
    """One row per escalation, connector, event and card version, whatever its id."""
    store.write(TENANT, lambda tx: put(tx, escalation(), delivery()))

    with pytest.raises(Conflict):
        store.write(TENANT, lambda tx: tx.deliveries.add(delivery(delivery_id="d2")))

    other = delivery(delivery_id="d3", card_version=2)
    store.write(TENANT, lambda tx: tx.deliveries.add(other))


def test_deliveries_are_listed_newest_first(store: SqlStore) -> None:
    """By state and connector, in pages."""
    store.write(
        TENANT,
        lambda tx: put(
            tx,
            escalation(),
            delivery(delivery_id="d1"),
            delivery(delivery_id="d2", connector="desk", created_at=LATER),
            delivery(delivery_id="d3", event="closed", state=DeliveryState.CONFIRMED),
        ),
    )

    def ids(state: DeliveryState | None, connector: str | None, page: Page) -> list[str]:
        listed = store.read(TENANT, lambda tx: tx.deliveries.list(state, connector, page))
        return [one.delivery_id for one in listed.items]

    first = store.read(TENANT, lambda tx: tx.deliveries.list(None, None, Page(2)))
    assert [one.delivery_id for one in first.items] == ["d2", "d3"]
    assert ids(None, None, Page(2, first.cursor)) == ["d1"]
    assert ids(DeliveryState.PENDING, None, Page()) == ["d2", "d1"]
    assert ids(DeliveryState.CONFIRMED, None, Page()) == ["d3"]
    assert ids(None, "desk", Page()) == ["d2"]


def test_a_result_counts_only_under_its_token(store: SqlStore) -> None:
    """A late observation of an earlier try changes nothing."""
    sent = delivery(state=DeliveryState.SENDING, attempt_token="second", lease_until=LATER)
    store.write(TENANT, lambda tx: put(tx, escalation(), sent))
    result = confirmed(sent, Receipt("r1"), LATER)

    late = store.write(TENANT, lambda tx: tx.deliveries.settle(result, "first"))
    ours = store.write(TENANT, lambda tx: tx.deliveries.settle(result, "second"))
    again = store.write(TENANT, lambda tx: tx.deliveries.settle(result, "second"))

    assert (late, ours, again) == (False, True, False)
    assert store.read(TENANT, lambda tx: tx.deliveries.get("d1")) == result


def test_a_dead_delivery_is_replayed_with_a_fresh_schedule(store: SqlStore) -> None:
    """As if it had just been made; its id, the receiver's key, stays."""
    dead = delivery(state=DeliveryState.DEAD, attempts=5, error="no", settled_at=NOON)
    store.write(TENANT, lambda tx: put(tx, escalation(), dead))

    again = store.write(TENANT, lambda tx: tx.deliveries.replay("d1", LATER))

    assert again == delivery(due_at=LATER)
    assert store.read(TENANT, lambda tx: tx.deliveries.get("d1")) == again


def test_what_is_still_on_its_way_is_not_replayed(store: SqlStore) -> None:
    """It comes back as it is; an unknown id as None."""
    pending = delivery(attempts=3)
    store.write(TENANT, lambda tx: put(tx, escalation(), pending))

    assert store.write(TENANT, lambda tx: tx.deliveries.replay("d1", LATER)) == pending
    assert store.write(TENANT, lambda tx: tx.deliveries.replay("d9", LATER)) is None


def test_another_tenant_cannot_settle(store: SqlStore) -> None:
    """The tenant of the transaction counts, not what the value says."""
    sent = delivery(state=DeliveryState.SENDING, attempt_token="t", lease_until=LATER)
    store.write(TENANT, lambda tx: put(tx, escalation(), sent))
    result = replace(sent, state=DeliveryState.DEAD)

    assert not store.write("other", lambda tx: tx.deliveries.settle(result, "t"))

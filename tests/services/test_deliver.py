"""What comes of a delivery, and that it is on record."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from handoff.domain.account import OPENS_AT, Account
from handoff.domain.audit import SYSTEM
from handoff.domain.connector import Parcel
from handoff.domain.conversation import Head
from handoff.domain.delivery import (
    LEASE,
    LIVE_DELAYS,
    POISON_LIMIT,
    Clock,
    Delivery,
    DeliveryState,
    Receipt,
)
from handoff.domain.errors import ConnectorError
from handoff.domain.ports import Store, Transaction
from handoff.services.deliver import deliver
from handoff.services.deps import Deps
from handoff.services.replay import replay
from handoff.store import open_store
from tests import fakes
from tests.fakes import NOON, Recorder
from tests.parcels import card, escalation

TENANT = "default"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database with an escalation, its card and one delivery that is due."""
    store = open_store(f"sqlite:///{tmp_path}/handoff.db")
    opened = escalation()
    head = Head(tenant=TENANT, conversation_id=opened.conversation_id, started_at=NOON)

    def work(tx: Transaction) -> None:
        tx.conversations.save(head)
        tx.escalations.add(opened)
        tx.escalations.add_card(card(), NOON)
        tx.deliveries.add(pending("dlv_1"))

    store.write(TENANT, work)
    yield store
    store.close()


def pending(delivery_id: str, event: str = "opened") -> Delivery:
    """Return a delivery that is due at noon."""
    return Delivery(
        tenant=TENANT,
        delivery_id=delivery_id,
        escalation_id="esc_1",
        connector="outside",
        event=event,
        clock=Clock.LIVE,
        state=DeliveryState.PENDING,
        created_at=NOON,
        due_at=NOON,
    )


def claimed(deps: Deps, token: str = "mine") -> Delivery:
    """Claim the delivery that is due now."""
    (delivery,) = deps.store.write_any(
        lambda work: work.claim_deliveries(deps.clock(), 1, lambda: token)
    )
    return delivery


def stored(deps: Deps, delivery_id: str = "dlv_1") -> Delivery:
    """Return a delivery as it is on disk."""
    found = deps.store.read(TENANT, lambda tx: tx.deliveries.get(delivery_id))
    assert found is not None
    return found


def actions(deps: Deps) -> list[str]:
    """Return what the audit trail says of the escalation."""
    trail = deps.store.read(TENANT, lambda tx: tx.audit.of("esc_1"))
    return [chained.entry.action for chained in trail]


def test_a_confirmed_delivery_is_settled_audited_and_announced(store: Store) -> None:
    """The result, the audit entry and the event are written together."""
    outside = Recorder()
    deps = fakes.deps(store, outside=outside)

    state = deliver(deps, claimed(deps))

    (event,) = store.read(TENANT, lambda tx: tx.events.after(0, 10))
    assert state is stored(deps).state is DeliveryState.CONFIRMED
    assert stored(deps).reference == "rec-1"
    assert actions(deps) == ["delivered"]
    assert (event.kind, event.subject, event.data["state"]) == ("delivery", "dlv_1", "confirmed")


def test_the_parcel_has_what_a_connector_needs(store: Store) -> None:
    """Escalation, card, key, time and link are in it."""
    outside = Recorder()
    deps = fakes.deps(store, outside=outside)

    deliver(deps, claimed(deps))

    (sent,) = outside.parcels
    assert (sent.delivery_id, sent.event, sent.attempt, sent.at) == ("dlv_1", "opened", 1, NOON)
    assert sent.card.headline
    assert sent.card_url == f"{deps.base_url}/desk/escalations/esc_1"


@pytest.mark.parametrize(
    ("error", "state", "action"),
    [
        (ConnectorError("busy"), DeliveryState.PENDING, "delivery_failed"),
        (ConnectorError("?", unknown=True), DeliveryState.UNKNOWN, "delivery_unknown"),
        (ConnectorError("no", retryable=False), DeliveryState.REFUSED, "delivery_refused"),
        (KeyError("a bug in a connector"), DeliveryState.UNKNOWN, "delivery_unknown"),
    ],
)
def test_each_failure_is_kept_as_what_it_is(
    store: Store, error: Exception, state: DeliveryState, action: str
) -> None:
    """Failed, unknown and refused are three things; a connector's own fault is an unknown one."""
    deps = fakes.deps(store, outside=Recorder(errors=[error]))

    deliver(deps, claimed(deps))

    assert stored(deps).state is state
    assert actions(deps) == [action]
    assert "a bug" not in (stored(deps).error or "")


def test_an_unknown_outcome_is_looked_up_before_it_is_repeated(store: Store) -> None:
    """What did arrive is confirmed without being sent again."""
    clock = fakes.Clock()
    outside = Recorder(errors=[ConnectorError("timeout", unknown=True)])
    deps = fakes.deps(store, clock, outside=outside)
    deliver(deps, claimed(deps))
    outside.known["dlv_1"] = outside.deliver(outside.parcels[0])
    sent = len(outside.parcels)

    clock.forward(LIVE_DELAYS[1])
    deliver(deps, claimed(deps))

    assert stored(deps).state is DeliveryState.CONFIRMED
    assert len(outside.parcels) == sent


def test_an_unknown_outcome_that_did_not_arrive_is_sent_again_under_its_key(store: Store) -> None:
    """Nothing found means sending, with the same delivery id."""
    clock = fakes.Clock()
    outside = Recorder(errors=[ConnectorError("timeout", unknown=True)])
    deps = fakes.deps(store, clock, outside=outside)
    deliver(deps, claimed(deps))

    clock.forward(LIVE_DELAYS[1])
    deliver(deps, claimed(deps))

    assert [parcel.delivery_id for parcel in outside.parcels] == ["dlv_1", "dlv_1"]
    assert stored(deps).state is DeliveryState.CONFIRMED


@dataclass
class Unasked(Recorder):
    """A connector whose other side answers questions with an error."""

    answer: ConnectorError = field(default_factory=lambda: ConnectorError("busy"))

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Fail."""
        raise self.answer


@pytest.mark.parametrize(
    ("answer", "sent", "state"),
    [
        (ConnectorError("busy"), 1, DeliveryState.UNKNOWN),
        (ConnectorError("timed out", unknown=True), 1, DeliveryState.UNKNOWN),
        (ConnectorError("never", unknown=True, retryable=False), 2, DeliveryState.CONFIRMED),
        (ConnectorError("forbidden", retryable=False), 1, DeliveryState.REFUSED),
    ],
)
def test_only_who_can_never_be_asked_gets_a_repeat_unasked(
    store: Store, answer: ConnectorError, sent: int, state: DeliveryState
) -> None:
    """A look-up that fails for now leaves the outcome unknown; nothing is sent on a guess."""
    clock = fakes.Clock()
    outside = Unasked(errors=[ConnectorError("timeout", unknown=True)], answer=answer)
    deps = fakes.deps(store, clock, outside=outside)
    deliver(deps, claimed(deps))

    clock.forward(LIVE_DELAYS[1])
    deliver(deps, claimed(deps))

    assert (len(outside.parcels), stored(deps).state) == (sent, state)


def test_a_try_whose_end_is_not_known_is_looked_up_after_its_lease(store: Store) -> None:
    """A process that died between sending and recording leaves a question, not a repeat."""
    clock = fakes.Clock()
    outside = Recorder()
    deps = fakes.deps(store, clock, outside=outside)

    def die(point: str) -> None:
        if point == "after_deliver":
            raise SystemExit

    with pytest.raises(SystemExit):
        deliver(replace(deps, at_point=die), claimed(deps))
    clock.forward(31)
    deliver(deps, claimed(deps, "another"))

    assert len(outside.parcels) == 1
    assert stored(deps).state is DeliveryState.CONFIRMED


def test_a_late_observation_changes_nothing_and_is_on_record(store: Store) -> None:
    """Who lost the lease may speak, but not decide."""
    clock = fakes.Clock()
    deps = fakes.deps(store, clock, outside=Recorder(errors=[ConnectorError("slow")]))
    slow = claimed(deps, "slow")
    clock.forward(31)
    fast = claimed(deps, "fast")

    deliver(deps, slow)
    assert stored(deps).state is DeliveryState.SENDING
    deliver(deps, fast)

    assert stored(deps).state is DeliveryState.CONFIRMED
    assert actions(deps) == ["delivery_late", "delivered"]


def test_a_live_delivery_gives_up_visibly(store: Store) -> None:
    """After the last try of its schedule it is dead, and the audit trail says so."""
    clock = fakes.Clock()
    deps = fakes.deps(store, clock, outside=Recorder(errors=[ConnectorError("down")] * 9))

    for wait in LIVE_DELAYS:
        clock.forward(wait)
        deliver(deps, claimed(deps))

    assert stored(deps).state is DeliveryState.DEAD
    assert actions(deps)[-1] == "delivery_dead"


def test_an_update_carries_what_the_receiver_called_it(store: Store) -> None:
    """The reference of the opening lets a connector update instead of posting anew."""
    outside = Recorder()
    deps = fakes.deps(store, outside=outside)
    deliver(deps, claimed(deps))
    store.write(TENANT, lambda tx: tx.deliveries.add(pending("dlv_2", "updated")))

    deliver(deps, claimed(deps))

    assert [parcel.reference for parcel in outside.parcels] == [None, "rec-1"]


def test_a_connector_that_is_no_longer_there_is_a_refusal(store: Store) -> None:
    """Taken out of the settings: said so, and good for a replay."""
    deps = fakes.deps(store)

    deliver(deps, claimed(deps))

    assert stored(deps).state is DeliveryState.REFUSED
    assert "not configured" in (stored(deps).error or "")


def test_a_poisonous_delivery_is_set_aside_on_record(store: Store) -> None:
    """What took its sender down every time is not sent again, and the trail says why."""
    outside, clock = Recorder(), fakes.Clock()
    deps = fakes.deps(store, clock, outside=outside)
    for _ in range(POISON_LIMIT):
        claimed(deps)
        clock.forward(LEASE.total_seconds())

    deliver(deps, claimed(deps))

    dead = stored(deps)
    assert (dead.state, dead.attempts) == (DeliveryState.DEAD, POISON_LIMIT)
    assert "begun 5 times" in (dead.error or "")
    assert (outside.parcels, actions(deps)) == ([], ["delivery_dead"])


def test_a_request_to_wait_holds_for_the_whole_account(store: Store) -> None:
    """The next delivery is not claimed until then, by anybody; it is on record until when."""
    outside = Recorder(errors=[ConnectorError("the receiver answered 429", retry_after=60)])
    deps = fakes.deps(store, outside=outside)
    deliver(deps, claimed(deps))
    store.write(TENANT, another)

    due = store.write_any(lambda work: work.claim_deliveries(NOON, 9, lambda: "t"))
    (chained,) = store.read(TENANT, lambda tx: tx.audit.of("esc_1"))

    assert due == ()
    assert chained.entry.details["paused_until"] == "2026-05-04T12:01:00.000000Z"


def test_an_account_that_turned_us_away_waits_until_somebody_looks(store: Store) -> None:
    """Sending one again by hand says that somebody did: the others go too."""
    denied = ConnectorError("the receiver answered 401", retryable=False, pause=True)
    deps = fakes.deps(store, outside=Recorder(errors=[denied]))
    deliver(deps, claimed(deps))
    store.write(TENANT, another)
    before = store.write_any(lambda work: work.claim_deliveries(NOON, 9, lambda: "t"))

    store.write(TENANT, lambda tx: replay(tx, "dlv_1", by=SYSTEM, at=NOON))

    after = store.write_any(lambda work: work.claim_deliveries(NOON, 9, lambda: "t"))
    assert before == ()
    assert [one.delivery_id for one in after] == ["dlv_1", "dlv_2"]


def test_one_that_was_claimed_before_its_account_rested_is_put_back(store: Store) -> None:
    """It is not sent, and no try is counted; but the one that probes the account goes."""
    outside = Recorder()
    deps = fakes.deps(store, outside=outside)
    early = claimed(deps)
    resting = Account(TENANT, "outside", OPENS_AT, NOON + timedelta(seconds=10))
    store.write(TENANT, lambda tx: tx.accounts.save(resting))

    deliver(deps, early)
    assert (outside.parcels, stored(deps)) == ([], pending("dlv_1"))

    at = NOON + timedelta(seconds=10)
    deliver(fakes.deps(store, fakes.Clock(at), outside=outside), claimed_at(store, at))
    assert stored(deps).state is DeliveryState.CONFIRMED


def claimed_at(store: Store, at: datetime) -> Delivery:
    """Claim the delivery that is due at an instant."""
    (delivery,) = store.write_any(lambda work: work.claim_deliveries(at, 9, lambda: "t"))
    return delivery


def another(tx: Transaction) -> None:
    """Store another escalation's delivery, dlv_2."""
    opened = escalation("esc_2")
    conversation = opened.conversation_id
    tx.conversations.save(Head(tenant=TENANT, conversation_id=conversation, started_at=NOON))
    tx.escalations.add(opened)
    tx.deliveries.add(replace(pending("dlv_2"), escalation_id="esc_2"))

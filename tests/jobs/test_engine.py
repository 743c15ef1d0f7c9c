"""The engine over the real store: deliveries are claimed, sent, settled, taken over."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Lock
from time import sleep

import pytest

from handoff.domain.conversation import Head
from handoff.domain.delivery import LEASE, Clock, Delivery, DeliveryState, Receipt, confirmed
from handoff.domain.escalation import Escalation
from handoff.domain.ports import Store, Transaction
from handoff.domain.records import Due
from handoff.jobs.engine import Engine, Pace
from handoff.jobs.held import SLOW_S
from handoff.store import open_store
from tests.parcels import NOW, escalation

TENANT = "default"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A fresh database."""
    store = open_store(f"sqlite:///{tmp_path}/handoff.db")
    yield store
    store.close()


@dataclass
class Time:
    """A clock that a test moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@dataclass
class Work:
    """Takes what the engine gives, settles deliveries as confirmed, and counts."""

    store: Store
    goal: int = 1
    given: list[Delivery] = field(default_factory=list)
    fired: list[Due] = field(default_factory=list)
    most_at_once: int = 0
    begun: Event = field(default_factory=Event)
    done: Event = field(default_factory=Event)
    hold: Event | None = None
    slow: str = ""
    """A connector that takes its time."""
    lock: Lock = field(default_factory=Lock)
    at_once: int = 0

    def deliver(self, delivery: Delivery) -> None:
        """Settle it, after `hold` where there is one."""
        with self.lock:
            self.given.append(delivery)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.set()
        if self.hold:
            self.hold.wait(5)
        if delivery.connector == self.slow:
            sleep(1.2 * SLOW_S)
        result = confirmed(delivery, Receipt("r"), NOW)
        token = delivery.attempt_token or ""
        self.store.write(TENANT, lambda tx: tx.deliveries.settle(result, token))
        with self.lock:
            self.at_once -= 1
            if len(self.given) >= self.goal:
                self.done.set()

    def fire(self, due: Due) -> None:
        """Clear the timer."""
        self.fired.append(due)
        later = NOW + timedelta(days=1)
        self.store.write(TENANT, lambda tx: tx.escalations.touch(due.subject, later))
        self.done.set()


@contextmanager
def running(
    work: Work,
    clock: Callable[[], datetime] | None = None,
    full: Callable[[], None] = lambda: None,
    **set_to: float,
) -> Iterator[Engine]:
    """Run an engine that looks again every 20 ms."""
    numbers = itertools.count()
    engine = Engine(
        work.store,
        deliver=work.deliver,
        fire_timer=work.fire,
        clock=clock or Time(),
        new_token=lambda: f"token-{id(work)}-{next(numbers)}",
        full=full,
        pace=Pace(**{"sweep": 0.02, **set_to}),  # type: ignore[arg-type] # numbers, as Pace takes them
    )
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def opened(store: Store, number: int, timer_at: datetime | None = None) -> Escalation:
    """Put an escalation into the store, with the conversation it belongs to."""
    value = replace(escalation(f"esc_{number}"), due_at=timer_at)
    head = Head(tenant=TENANT, conversation_id=value.conversation_id, started_at=NOW)

    def work(tx: Transaction) -> None:
        tx.conversations.save(head)
        tx.escalations.add(value)

    store.write(TENANT, work)
    return value


def add(
    store: Store,
    number: int = 1,
    clock: Clock = Clock.LIVE,
    due_at: datetime = NOW,
    connector: str = "webhook",
) -> None:
    """Put an escalation with one due delivery into the store."""
    delivery = Delivery(
        tenant=TENANT,
        delivery_id=f"dlv_{number:03}",
        escalation_id=opened(store, number).escalation_id,
        connector=connector,
        event="opened",
        clock=clock,
        state=DeliveryState.PENDING,
        created_at=NOW,
        due_at=due_at,
    )
    store.write(TENANT, lambda tx: tx.deliveries.add(delivery))


def stored(store: Store, number: int = 1) -> Delivery:
    """Return a delivery as it is on disk."""
    found = store.read(TENANT, lambda tx: tx.deliveries.get(f"dlv_{number:03}"))
    assert found is not None
    return found


def test_what_was_due_before_the_start_is_delivered(store: Store) -> None:
    """A restart picks up what is in the outbox."""
    add(store)
    work = Work(store)

    with running(work):
        assert work.done.wait(5)

    assert stored(store).state is DeliveryState.CONFIRMED


def test_a_wake_up_is_enough(store: Store) -> None:
    """What is committed while the engine rests is taken up when it is told."""
    work = Work(store)

    with running(work, sweep=60.0) as engine:
        add(store)
        engine.wake()
        assert work.done.wait(5)


def test_a_lost_wake_up_costs_one_sweep(store: Store) -> None:
    """Nothing depends on being told."""
    work = Work(store)

    with running(work):
        add(store)
        assert work.done.wait(5)


def test_no_more_run_at_once_than_there_are_threads(store: Store) -> None:
    """Twenty due deliveries on two threads are sent two by two, each once."""
    for number in range(20):
        add(store, number)
    work = Work(store, goal=20)

    with running(work, threads=2):
        assert work.done.wait(10)

    assert len({delivery.delivery_id for delivery in work.given}) == len(work.given) == 20
    assert work.most_at_once == 2


def test_a_slow_account_leaves_a_thread_to_others(store: Store) -> None:
    """Once it was seen to be slow: what is due elsewhere does not wait behind all of it."""
    for number in range(24):
        add(store, number)
    add(store, 90, connector="slack")
    work = Work(store, goal=25, slow="webhook")

    with running(work, threads=4):
        assert work.done.wait(20)

    order = [one.connector for one in work.given]
    assert order.index("slack") <= 2 * 4 + 1  # after what was claimed before anything was known


def test_a_waiting_person_comes_before_the_books(store: Store) -> None:
    """Live deliveries overtake records that were due earlier."""
    for number in range(5):
        add(store, number, Clock.RECORD, NOW - timedelta(hours=1))
    add(store, 9, Clock.LIVE)
    work = Work(store)

    with running(work, threads=1):
        assert work.done.wait(5)

    assert work.given[0].delivery_id == "dlv_009"


def test_what_is_not_due_waits(store: Store) -> None:
    """A retry in five minutes is left alone until then."""
    add(store, due_at=NOW + timedelta(minutes=5))
    clock, work = Time(), Work(store)

    with running(work, clock):
        assert not work.done.wait(0.2)
        clock.now += timedelta(minutes=5)
        assert work.done.wait(5)


def test_a_dead_engines_work_is_taken_over_and_looked_up(store: Store) -> None:
    """A delivery claimed by a process that died comes back, as unknown, after its lease."""
    add(store)
    store.write_any(lambda worklist: worklist.claim_deliveries(NOW, 1, lambda: "of the dead"))
    clock, work = Time(), Work(store)

    with running(work, clock):
        assert not work.done.wait(0.2)
        clock.now += LEASE
        assert work.done.wait(5)

    assert work.given[0].state is DeliveryState.UNKNOWN
    assert work.given[0].starts == 2


def test_heartbeats_keep_what_is_still_running(store: Store) -> None:
    """A slow delivery is not given to anybody else while its sender lives."""
    add(store)
    clock = Time()
    work = Work(store, hold=Event())
    other = Work(store)

    with running(work, clock, heartbeat=0.02):
        assert work.begun.wait(5)
        for _ in range(4):
            clock.now += LEASE / 2
            until = clock.now + LEASE
            while stored(store).lease_until != until:
                sleep(0.01)
        with running(other, clock):
            assert not other.done.wait(0.2)
        assert work.hold is not None
        work.hold.set()
        assert work.done.wait(5)

    assert stored(store).state is DeliveryState.CONFIRMED
    assert other.given == []


def test_stopping_finishes_what_runs_and_leaves_the_rest(store: Store) -> None:
    """After a stop nothing is half done, and what was not begun is still pending."""
    add(store, 1)
    add(store, 2)
    work = Work(store, hold=Event())

    with running(work, threads=1):
        assert work.begun.wait(5)
        assert work.hold is not None
        work.hold.set()

    states = {stored(store, 1).state, stored(store, 2).state}
    assert DeliveryState.SENDING not in states
    assert stored(store, 1).state is DeliveryState.CONFIRMED


def test_a_stop_gives_back_what_it_cannot_wait_for(store: Store) -> None:
    """What was not begun is as it was before; what still runs is due, to be looked up first."""
    for number in (1, 2, 3):
        add(store, number)
    work = Work(store, hold=Event())
    with running(work, threads=1) as engine:
        assert work.begun.wait(5)
        while stored(store, 2).state is not DeliveryState.SENDING:
            sleep(0.01)
        engine.stop(0.05)
        at_the_stop = [stored(store, number) for number in (1, 2, 3)]
        assert work.hold is not None
        work.hold.set()

    states = [one.state for one in at_the_stop]
    assert states == [DeliveryState.UNKNOWN, DeliveryState.PENDING, DeliveryState.PENDING]
    assert [one.attempts for one in at_the_stop] == [1, 0, 0]
    assert not any(one.lease_until or one.attempt_token for one in at_the_stop)


def test_records_leave_a_thread_to_those_who_wait(store: Store) -> None:
    """Slow books fill all threads but one."""
    for number in range(6):
        add(store, number, Clock.RECORD)
    work = Work(store, hold=Event())

    with running(work, threads=2) as engine:
        assert work.begun.wait(5)
        add(store, 9, Clock.LIVE)
        engine.wake()
        while len(work.given) < 2:
            sleep(0.01)
        assert work.hold is not None
        work.hold.set()

    assert [one.clock for one in work.given[:2]] == [Clock.RECORD, Clock.LIVE]


def test_two_engines_share_the_work(store: Store) -> None:
    """Each delivery is sent once; the one that has more than it takes calls for help."""
    for number in range(40):
        add(store, number)
    works = [Work(store, goal=40), Work(store, goal=40)]
    called = Event()

    with running(works[0], full=called.set), running(works[1], full=called.set):
        while any(stored(store, n).state is not DeliveryState.CONFIRMED for n in range(40)):
            sleep(0.02)

    sent = [one.delivery_id for work in works for one in work.given]
    assert len(sent) == len(set(sent)) == 40
    assert called.is_set()


def test_what_closed_never_overtakes_what_opened(store: Store) -> None:
    """While the opening waits for its next try the closing is held, and nobody else's delivery."""
    add(store, 1, due_at=NOW + timedelta(seconds=60))
    opening, clock = stored(store, 1), Time()
    closing = replace(opening, delivery_id="dlv_003", event="closed", due_at=NOW)
    store.write(TENANT, lambda tx: tx.deliveries.add(closing))
    add(store, 2)
    work = Work(store)

    with running(work, clock):
        assert work.done.wait(5)
        sleep(0.1)  # five more looks at the store
        before = [one.delivery_id for one in work.given]
        clock.now += timedelta(seconds=61)
        while stored(store, 3).state is not DeliveryState.CONFIRMED:
            sleep(0.01)

    assert before == ["dlv_002"]
    assert [one.event for one in work.given[1:]] == ["opened", "closed"]


def test_a_delivery_that_raises_does_not_stop_the_others(store: Store) -> None:
    """The engine outlives its work; the row's lease brings it back."""
    add(store, 1)
    add(store, 2)
    work = Work(store)
    settle = work.deliver

    def deliver(delivery: Delivery) -> None:
        if delivery.delivery_id == "dlv_001":
            raise RuntimeError("a bug")
        settle(delivery)

    work.deliver = deliver  # type: ignore[method-assign] # one that fails for one
    with running(work):
        assert work.done.wait(5)

    assert stored(store, 1).state is DeliveryState.SENDING
    assert stored(store, 2).state is DeliveryState.CONFIRMED


def test_due_timers_are_fired(store: Store) -> None:
    """An escalation whose timer is due is handed over."""
    opened(store, 1, timer_at=NOW - timedelta(seconds=1))
    work = Work(store)

    with running(work):
        assert work.done.wait(5)

    assert [timer.subject for timer in work.fired] == ["esc_1"]


def test_a_failing_timer_is_tried_again(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Trouble with one timer is logged, and the loop goes on."""
    opened(store, 1, timer_at=NOW - timedelta(seconds=1))
    work = Work(store)
    fire = work.fire

    def fail_once(timer: Due) -> None:
        if not caplog.records:
            raise RuntimeError("locked")
        fire(timer)

    work.fire = fail_once  # type: ignore[method-assign] # one that fails once
    with running(work):
        assert work.done.wait(5)

    assert "a timer failed" in caplog.text

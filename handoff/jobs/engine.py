"""The in-process engine: takes due deliveries and timers from the store and has them done.

The database is the only truth. What this process holds in memory may vanish at any moment: a
claimed delivery then comes back when its lease lapses, and its new attempt token shuts out the
old one.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Lock
from typing import Protocol

from handoff.domain.delivery import HEARTBEAT, LEASE, Delivery
from handoff.domain.ports import Store
from handoff.domain.records import Due
from handoff.jobs.loop import AFTER_TROUBLE, Loop, report

SWEEP = 5.0
"""Seconds after which the store is looked at even if nothing woke the engine."""
TIMERS_AT_ONCE = 50


class Jobs(Protocol):
    """What the rest of the service sees of an engine, whichever it is."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def wake(self) -> None:
        """Say, after a commit, that something may be due."""


class Engine:
    """Runs deliveries in a few threads, timers one after another, heartbeats beside them."""

    def __init__(
        self,
        store: Store,
        *,
        deliver: Callable[[Delivery], None],
        fire_timer: Callable[[Due], None],
        clock: Callable[[], datetime],
        new_token: Callable[[], str],
        threads: int = 4,
        sweep: float = SWEEP,
        heartbeat: float = HEARTBEAT.total_seconds(),
    ) -> None:
        """Make the threads; `start` runs them. What `deliver` and `fire_timer` raise is logged."""
        self._store = store
        self._deliver = deliver
        self._fire_timer = fire_timer
        self._clock = clock
        self._new_token = new_token
        self._threads = threads
        self._running: dict[str, str] = {}
        """Attempt token to delivery id, of what this process is sending now."""
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="deliver")
        self._deliveries = Loop("deliveries", self._send_due, at_least_every=sweep)
        self._timers = Loop("timers", self._fire_due, at_least_every=sweep)
        self._heartbeats = Loop("heartbeats", self._beat, at_least_every=heartbeat)

    def start(self) -> None:
        """Begin; what was due while nothing ran is taken up at once."""
        for loop in (self._heartbeats, self._timers, self._deliveries):
            loop.start()

    def stop(self) -> None:
        """Finish what runs, leave the rest where it is safe: in the store."""
        self._deliveries.stop()
        self._timers.stop()
        self._pool.shutdown(wait=True)
        self._heartbeats.stop()

    def wake(self) -> None:
        """Look at the store now."""
        self._deliveries.wake()
        self._timers.wake()

    def _send_due(self) -> float | None:
        with self._lock:
            free = self._threads - len(self._running)
        if free == 0:
            return None  # the one that ends first wakes us
        now = self._clock()
        claimed = self._store.write_any(
            lambda work: work.claim_deliveries(now, free, self._new_token)
        )
        for delivery in claimed:
            self._begin(delivery)
        if len(claimed) == free:
            return None
        due_at = self._store.read_any(lambda work: work.next_delivery_at())
        return self._until(due_at, progress=bool(claimed))

    def _begin(self, delivery: Delivery) -> None:
        token = delivery.attempt_token or ""
        with self._lock:
            self._running[token] = delivery.delivery_id
        self._pool.submit(self._send, delivery, token)

    def _send(self, delivery: Delivery, token: str) -> None:
        try:
            self._deliver(delivery)
        except Exception as error:  # noqa: BLE001 # the edge of a job: the row's lease lapses, and it is looked up
            report("a delivery failed", error, delivery_id=delivery.delivery_id)
        finally:
            with self._lock:
                self._running.pop(token, None)
            self._deliveries.wake()

    def _beat(self) -> float | None:
        with self._lock:
            running = dict(self._running)
        if running:
            until = self._clock() + LEASE
            self._store.write_any(
                lambda work: [work.heartbeat(key, token, until) for token, key in running.items()]
            )
        return None

    def _fire_due(self) -> float | None:
        now = self._clock()
        timers = self._store.read_any(lambda work: work.due_timers(now, TIMERS_AT_ONCE))
        fired = [self._fire(timer) for timer in timers]
        due_at = self._store.read_any(lambda work: work.next_timer_at())
        return self._until(due_at, progress=any(fired))

    def _fire(self, timer: Due) -> bool:
        try:
            self._fire_timer(timer)
        except Exception as error:  # noqa: BLE001 # the edge of a job: other timers are due too
            report("a timer failed", error, subject=timer.subject)
            return False
        return True

    def _until(self, due_at: datetime | None, *, progress: bool) -> float | None:
        """Return the seconds until `due_at`; a rest if it is past and nothing could be done."""
        if due_at is None:
            return None
        wait = (due_at - self._clock()).total_seconds()
        return AFTER_TROUBLE if wait <= 0 and not progress else wait

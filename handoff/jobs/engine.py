"""The engine: takes due deliveries and timers from the store and has them done.

The database is the only truth. What this process holds in memory may vanish at any moment: a
claimed delivery then comes back when its lease lapses, and its new attempt token shuts out the
old one. Any number of engines may work on one database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from handoff.domain.delivery import LEASE, Clock, Delivery
from handoff.domain.ports import Store
from handoff.domain.records import Due
from handoff.jobs.hands import Hands
from handoff.jobs.held import Held
from handoff.jobs.loop import AFTER_TROUBLE, Loop, report

SWEEP = 5.0
"""Seconds after which the store is looked at even if nothing woke the engine."""
TIMERS_AT_ONCE = 50
PATIENCE = 20.0
"""Seconds that a stop lets what is being sent come to its end: more than a receiver is given."""
PATIENCE_TIMER = 5.0
"""Seconds that it lets a timer come to its end, which is a transaction."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many deliveries an engine sends at once, and for how long it holds them."""

    threads: int = 8
    sweep: float = SWEEP
    lease: timedelta = LEASE
    heartbeat: float | None = None
    """Seconds; a third of the lease without it."""

    @property
    def ahead(self) -> int:
        """Return how many are claimed at most: as many again as are sent, for fewer claims."""
        return 2 * self.threads

    @property
    def records(self) -> int:
        """Return how many of them may be records: a waiting person finds a thread that is free."""
        return max(1, self.threads - 1)

    @property
    def share(self) -> int:
        """Return how many of an account that is slow to answer: others find threads that are free.

        Three of four; all that there are, where there is one.
        """
        return max(1, self.threads - max(1, self.threads // 4))

    @property
    def beat(self) -> float:
        """Return the seconds between heartbeats."""
        return self.heartbeat or self.lease.total_seconds() / 3


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
        pace: Pace | None = None,
        full: Callable[[], None] = lambda: None,
    ) -> None:
        """Make the threads; `start` runs them. What `deliver` and `fire_timer` raise is logged.

        `full` is called where there was more due than this engine takes: others may help.
        """
        self._store = store
        self._deliver = deliver
        self._fire_timer = fire_timer
        self._clock = clock
        self._new_token = new_token
        self._pace = pace = pace or Pace()
        self._full = full
        self._held = Held()
        self._last = ""
        """The tenant that was served last: the next claim begins after it."""
        self._hands = Hands("deliver", pace.threads)
        self._deliveries = Loop("deliveries", self._send_due, at_least_every=pace.sweep)
        self._timers = Loop("timers", self._fire_due, at_least_every=pace.sweep)
        self._heartbeats = Loop("heartbeats", self._beat, at_least_every=pace.beat)

    def start(self) -> None:
        """Begin; what was due while nothing ran is taken up at once."""
        for loop in (self._heartbeats, self._timers, self._deliveries):
            loop.start()

    def stop(self, patience: float = PATIENCE) -> None:
        """Claim nothing more, finish what is being sent, give the rest back to the store."""
        self._deliveries.stop()
        self._timers.stop(PATIENCE_TIMER)
        self._hands.stop()
        rest = self._held.close(patience, self._clock)
        if rest:
            self._store.write_any(
                lambda work: [work.give_back(one, token) for token, one in rest.items()]
            )
        self._heartbeats.stop()

    def wake(self) -> None:
        """Look at the store now."""
        self._deliveries.wake()
        self._timers.wake()

    def attend(self, patience: float) -> None:
        """Look at the store now, and return when this engine could take more."""
        self.wake()
        self._held.wait_below(self._pace.threads, patience)

    def _send_due(self) -> float | None:
        held = self._held.count()
        if held > self._pace.threads:
            return None  # the one that leaves enough room wakes us
        free = self._pace.ahead - held
        records = self._pace.records - self._held.count(Clock.RECORD)
        rooms = self._held.rooms(self._pace.share)
        now = self._clock()
        claimed = self._store.write_any(
            lambda work: work.claim_deliveries(
                now,
                free,
                self._new_token,
                records=max(records, 0),
                after=self._last,
                lease=self._pace.lease,
                rooms=rooms,
            )
        )
        for delivery in claimed:
            self._begin(delivery)
        if claimed:
            self._last = claimed[-1].tenant
        if len(claimed) == free:
            self._full()
            return None
        due_at = self._store.read_any(lambda work: work.next_delivery_at(now))
        return self._until(due_at, progress=True)  # what was due then and left waits for others

    def _begin(self, delivery: Delivery) -> None:
        self._held.add(delivery)
        self._hands.do(partial(self._send, delivery), urgent=delivery.clock is Clock.LIVE)

    def _send(self, delivery: Delivery) -> None:
        token = delivery.attempt_token or ""
        if not self._held.begin(token):
            return
        try:
            self._deliver(delivery)
        except Exception as error:  # noqa: BLE001 # the edge of a job: the row's lease lapses, and it is looked up
            report("a delivery failed", error, delivery_id=delivery.delivery_id)
        finally:
            self._held.end(token)
            self._deliveries.wake()

    def _beat(self) -> float | None:
        held = self._held.tokens()
        if held:
            until = self._clock() + self._pace.lease
            self._store.write_any(
                lambda work: [work.heartbeat(key, token, until) for token, key in held.items()]
            )
        return None

    def _fire_due(self) -> float | None:
        now = self._clock()
        timers, due_at = self._store.read_any(
            lambda work: (work.due_timers(now, TIMERS_AT_ONCE), work.next_timer_at())
        )
        fired = [self._fire(timer) for timer in timers]
        if fired:
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

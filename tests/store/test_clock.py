"""The database's time: this machine's clock does not count, and a slow look does not either."""

from datetime import timedelta

from handoff.store import SqlStore
from handoff.store.clock import DatabaseClock
from tests.factories import NOON

SECOND = timedelta(seconds=1)


class Watch:
    """A monotonic clock, and a database that takes its time to answer."""

    def __init__(self) -> None:
        """Begin somewhere."""
        self.at, self.takes, self.ahead = 100.0, 0.0, 0.0

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.at

    def ask(self) -> object:
        """Return the database's time in the middle of the look."""
        self.at += self.takes
        return NOON + timedelta(seconds=self.at - self.takes / 2 - 100 + self.ahead)


def test_it_counts_on_between_two_looks() -> None:
    """By what nobody can set."""
    watch = Watch()
    clock = DatabaseClock(watch.ask, watch.monotonic)  # type: ignore[arg-type] # it is a datetime
    watch.at += 5

    assert clock() == NOON + 5 * SECOND


def test_it_follows_the_database() -> None:
    """Where that one's clock was set; a look of half a second costs no time."""
    watch = Watch()
    watch.takes = 0.5
    clock = DatabaseClock(watch.ask, watch.monotonic)  # type: ignore[arg-type] # it is a datetime
    watch.ahead = 3600.0
    clock.renew()

    assert clock() == NOON + timedelta(seconds=watch.at - 100 + 3600)


def test_a_look_that_took_long_is_not_believed() -> None:
    """The earlier one stands."""
    watch = Watch()
    clock = DatabaseClock(watch.ask, watch.monotonic)  # type: ignore[arg-type] # it is a datetime
    watch.takes, watch.ahead = 9.0, 3600.0
    clock.renew()

    assert clock() == NOON + 9 * SECOND


def test_only_a_database_of_several_machines_tells_the_time(store: SqlStore, kind: str) -> None:
    """SQLite's is this machine's."""
    assert (store.clock is None) == (kind == "sqlite")
    if store.clock is not None:
        first, second = store.clock(), store.clock()
        assert first <= second < first + SECOND

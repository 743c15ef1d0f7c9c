"""The database's time without asking each time: processes agree though their clocks do not.

A lease that one process takes and another compares must not depend on either one's clock. What the
database's clock is ahead of this process's monotonic one is measured now and then; in between the
monotonic one counts, which nobody sets.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

MOST_S = 1.0
"""A look that took longer says nothing about the time."""


class DatabaseClock:
    """Counts on from the database's time as it was last told."""

    def __init__(
        self, ask: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask for the time at once."""
        self._ask = ask
        self._monotonic = monotonic
        self._lock = Lock()
        self._ahead: timedelta | None = None
        self.renew()

    def __call__(self) -> datetime:
        """Return the database's time."""
        return EPOCH + timedelta(seconds=self._monotonic()) + (self._ahead or timedelta(0))

    def renew(self) -> None:
        """Ask the database again; the answer belongs to the middle of the look."""
        before = self._monotonic()
        told = self._ask()
        after = self._monotonic()
        with self._lock:
            if self._ahead is None or after - before <= MOST_S:
                self._ahead = told - EPOCH - timedelta(seconds=(before + after) / 2)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

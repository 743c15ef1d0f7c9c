"""A circuit breaker: after failures in a row nothing is asked for a while, ever longer."""

from collections.abc import Callable
from threading import Lock

FAILURES = 5
"""In a row, until it opens."""
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 600.0


class Breaker:
    """Counts failures in a row; thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start closed; `clock` gives seconds that only grow."""
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._until = 0.0

    def wait(self) -> float:
        """Return the seconds until something may be asked, 0 where it may be now.

        When a pause is over, one question is let through; the others wait for how it ends.
        """
        with self._lock:
            left = self._until - self._clock()
            if left > 0:
                return left
            if self._failures >= FAILURES:
                self._until = self._clock() + self._pause
            return 0.0

    def succeeded(self) -> None:
        """Close it."""
        with self._lock:
            self._failures = 0
            self._pause = FIRST_PAUSE
            self._until = 0.0

    def failed(self) -> None:
        """Count a failure, and open it where it is one too many."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._until = self._clock() + self._pause
                self._pause = min(self._pause * 2, LONGEST_PAUSE)

"""A thread that does one step again and again: when woken, when something is due, and regularly."""

import logging
from collections.abc import Callable
from threading import Event, Thread

from handoff.domain.errors import placed

AFTER_TROUBLE = 1.0
"""Seconds of rest after a step that failed or got nothing done though something was due."""

log = logging.getLogger("handoff.jobs")


class Loop:
    """Calls `step` until stopped. `step` returns the seconds until it knows of more, or None."""

    def __init__(
        self, name: str, step: Callable[[], float | None], *, at_least_every: float
    ) -> None:
        """Make it; `start` runs it."""
        self._step = step
        self._at_least_every = at_least_every
        self._woken = Event()
        self._stopping = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Make the next step happen now."""
        self._woken.set()

    def stop(self, patience: float | None = None) -> None:
        """Let the running step end, then end; after `patience` seconds leave it to itself."""
        self._stopping = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _run(self) -> None:
        while not self._stopping:
            # Cleared before the step: what is committed during it wakes the next one.
            self._woken.clear()
            self._woken.wait(self._rest())

    def _rest(self) -> float:
        try:
            wait = self._step()
        except Exception as error:  # noqa: BLE001 # the edge of a job: the loop must outlive it
            report("a step failed", error)
            return min(AFTER_TROUBLE, self._at_least_every)
        if self._stopping:
            return 0.0
        return self._at_least_every if wait is None else min(max(wait, 0.0), self._at_least_every)


def report(what: str, error: BaseException, **where: str) -> None:
    """Log a failure by its type and place; its message may hold somebody's words and stays out."""
    about = " ".join(f"{name}={value}" for name, value in where.items())
    log.error("%s: %s %s", what, placed(error), about, extra=where)

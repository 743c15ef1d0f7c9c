"""Several loops over one step: as many of it run at once."""

from collections.abc import Callable

from handoff.jobs.loop import Loop

SWEEP = 5.0
"""Seconds after which work is looked for even if nothing woke the crew."""


class Crew:
    """Runs a step in some threads; it must bear to be run by two at once."""

    def __init__(
        self, name: str, size: int, step: Callable[[], float | None], sweep: float = SWEEP
    ) -> None:
        """Make the loops; `start` runs them."""
        self._loops = [Loop(name, step, at_least_every=sweep) for _ in range(size)]

    def start(self) -> None:
        """Begin."""
        for loop in self._loops:
            loop.start()

    def wake(self) -> None:
        """Look for work now."""
        for loop in self._loops:
            loop.wake()

    def stop(self, patience: float) -> None:
        """End; a step that takes longer than `patience` seconds is left to itself."""
        for loop in self._loops:
            loop.stop(patience)

"""Wakes whoever waits for what was stored: after the commit, once, and only if it was asked for."""

from collections.abc import Callable


class Waker:
    """Wakes engines and feeds once what asked for it is committed, and not before."""

    def __init__(self) -> None:
        """Start with nothing wanted and nobody to wake."""
        self.wakes: list[Callable[[], None]] = []
        self._wanted = False

    def want(self) -> None:
        """Ask for it; inside a transaction."""
        self._wanted = True

    def committed(self) -> None:
        """Do it if it was asked for; every commit, the engine's own too, comes by here."""
        if self._wanted:
            self._wanted = False
            for wake in self.wakes:
                wake()

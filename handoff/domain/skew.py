"""How far another clock is ahead of this one, as far as a look across a network can tell."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Skew:
    """How much later it is there than here; what it is is within `doubt` of what was seen."""

    seen: timedelta
    doubt: timedelta

    @property
    def sure(self) -> timedelta:
        """Return how far the clocks are apart at least."""
        return max(abs(self.seen) - self.doubt, timedelta(0))


def skew(ask: Callable[[], datetime], clock: Callable[[], datetime]) -> Skew:
    """Return how far what `ask` tells is ahead of `clock`: it was told in between two looks."""
    before = clock()
    told = ask()
    after = clock()
    return Skew(told - before - (after - before) / 2, (after - before) / 2)

"""What a forked process changes of itself before it runs: planted bugs, shorter times."""

from collections.abc import Callable

import handoff.bootstrap
from tests.faults.armed import armed

PLANTS: dict[str, Callable[[], None]] = {}
"""Name to what plants it."""


def plant(name: str) -> None:
    """Plant one."""
    PLANTS[name]()


def planted(function: Callable[[], None]) -> Callable[[], None]:
    """Put a function into the list under its own name."""
    PLANTS[function.__name__] = function
    return function


@planted
def armed_points() -> None:
    """Die at the point that a file names."""
    handoff.bootstrap.killer = armed

"""The named points where a process may die without losing or doubling anything acknowledged.

Fault tests end the process at each of them; services and adapters call `at_point(name)` there.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable

from handoff.domain.errors import Invalid

POINTS = (
    "before_commit",
    "after_commit",
    "before_answer",
    "after_turn",
    "after_open",
    "after_move",
    "before_deliver",
    "after_deliver",
    "after_settle",
    "before_timer",
)


def killer(killpoint: str) -> Callable[[str], None]:
    """Return what is called at the named points: it ends the process where a fault test says so."""
    if not killpoint:
        return lambda _name: None
    name, _, nth = killpoint.partition(":")
    if name not in POINTS:
        raise Invalid(f"HANDOFF_KILLPOINT: no point {name!r}; there are: {', '.join(POINTS)}")
    passed = Counter[str]()

    def at_point(here: str) -> None:
        passed[here] += 1
        if here == name and passed[here] == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)

    return at_point

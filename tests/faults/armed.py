"""Lets a running process die at a named point as soon as a file says at which.

So one service can be brought to any state, and then die within exactly the operation in question.
`HANDOFF_KILLPOINT` counts from the start of the process instead; both end in the same SIGKILL.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from threading import Lock

from handoff.services.points import POINTS

FILE = "FAULTS_ARMED"
"""The variable that names the file. In it stands `POINT:NTH`, counted from then on."""


def armed(_killpoint: str) -> Callable[[str], None]:
    """Return what is called at the named points, in place of `points.killer`."""
    path = os.environ[FILE]
    passed: Counter[tuple[str, str]] = Counter()
    lock = Lock()

    def at_point(here: str) -> None:
        assert here in POINTS, f"{here} is not in the list of points"
        try:
            with open(path) as file:
                told = file.read()
        except FileNotFoundError:
            return
        name, _, nth = told.partition(":")
        if here != name:
            return
        with lock:
            passed[told, here] += 1
            if passed[told, here] == int(nth):
                os.kill(os.getpid(), signal.SIGKILL)

    return at_point

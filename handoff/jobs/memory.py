"""Give memory back to the system once a crowd of readers has left.

A feed is some tens of small objects for as long as it is open. What they leave behind is collected
seldom, and the C library keeps what was freed between what was not: a service that two thousand
readers had left kept 70 MB of it.
"""

import ctypes
import gc
from collections.abc import Callable

CROWD = 100
"""Readers that have to leave before it is worth a look at every object."""


class GivesBack:
    """Looks at how many readers there are, and tidies up when half of a crowd has left."""

    def __init__(self, readers: Callable[[], int]) -> None:
        """Keep whom to ask."""
        self._readers = readers
        self._most = 0

    def look(self) -> None:
        """Look once; to be done again and again."""
        now = self._readers()
        self._most = max(self._most, now)
        if self._most >= CROWD and now <= self._most // 2:
            self._most = now
            gc.collect()
            _trim()


def _trim() -> None:
    """Return free pages to the system, where the C library can (glibc's `malloc_trim`)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)

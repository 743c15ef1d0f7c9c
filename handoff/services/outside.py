"""Let few requests wait for somebody outside at once: the threads they wait in are everybody's."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from handoff.domain.errors import Overloaded

MOST = 16
OF_ONE = 4
"""Of one tenant."""


class Outside:
    """Counts who waits for a receiver or a name server, which may take all the time they get."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._waiting: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def waiting(self, tenant: str) -> Iterator[None]:
        """Count one in while it waits; raise Overloaded where too many do."""
        with self._lock:
            if self._waiting[tenant] >= OF_ONE or self._waiting.total() >= MOST:
                raise Overloaded("too many receivers are being asked just now: try again shortly")
            self._waiting[tenant] += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting[tenant] -= 1
                self._waiting += Counter()  # forgets who waits no more

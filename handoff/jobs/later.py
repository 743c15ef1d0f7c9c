"""Work that can wait a moment, done in a few threads beside the requests."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from handoff.jobs.loop import report


class Later:
    """Does work in a few threads; what waits already under the same key is not queued twice."""

    def __init__(self) -> None:
        """Make the threads."""
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="later")
        self._waiting: set[str] = set()
        self._lock = Lock()

    def __call__(self, key: str, work: Callable[[], object]) -> None:
        """Take work on."""
        with self._lock:
            if key in self._waiting:
                return
            self._waiting.add(key)
        self._pool.submit(self._do, key, work)

    def stop(self) -> None:
        """Finish what runs and forget the rest."""
        self._pool.shutdown(cancel_futures=True)

    def _do(self, key: str, work: Callable[[], object]) -> None:
        with self._lock:
            self._waiting.discard(key)
        try:
            work()
        except Exception as error:  # noqa: BLE001 # the edge of a job: losing it costs only time
            report("work in the background failed", error)

"""A few threads that do what they are handed, the most urgent first; a stop need not wait."""

from collections.abc import Callable
from itertools import count
from queue import PriorityQueue
from threading import Thread

Work = Callable[[], None]


class Hands:
    """Threads that never outlive the process: what hangs in one does not keep it from ending."""

    def __init__(self, name: str, size: int) -> None:
        """Make the threads; they wait for work."""
        self._waiting: PriorityQueue[tuple[int, int, Work | None]] = PriorityQueue()
        self._numbers = count()
        self._threads = [
            Thread(target=self._run, name=f"{name}-{n}", daemon=True) for n in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def do(self, work: Work, *, urgent: bool) -> None:
        """Have it done; `work` must not raise."""
        self._waiting.put((0 if urgent else 1, next(self._numbers), work))

    def stop(self) -> None:
        """Let every thread end after what it does now and what is waiting."""
        for _ in self._threads:
            self._waiting.put((2, next(self._numbers), None))

    def _run(self) -> None:
        while work := self._waiting.get()[2]:
            work()

"""Move SQLite's write-ahead log into the database beside the writer, which need not wait for it.

Left to itself the writer does so within a commit: measured, up to 0.4 s that every waiting turn
shares. Here a thread does it bit by bit (`PRAGMA wal_checkpoint(PASSIVE)`, which holds nobody up),
so that little is left when the writer's own limit, `LOG_PAGES`, is reached and the log starts anew.
"""

import logging
from contextlib import closing
from sqlite3 import Error
from threading import Event, Thread

from sqlalchemy import Engine

EVERY = 0.25
"""Seconds between two moves while there are commits."""
LOG_PAGES = 4_000
"""Pages of the log (16 MB) at which the writer moves what is left, and begins the log anew."""

log = logging.getLogger(__name__)


class Checkpoints:
    """The thread; `commit` tells it that there is something to move."""

    def __init__(self, engine: Engine, every: float = EVERY) -> None:
        """Start it on connections of `engine`."""
        self._engine = engine
        self._every = every
        self._something = Event()
        self._closing = Event()
        self._thread = Thread(target=self._run, name="store-checkpoints", daemon=True)
        self._thread.start()

    def commit(self) -> None:
        """Say that there was a commit."""
        self._something.set()

    def close(self) -> None:
        """Stop; what is left in the log is safe there."""
        self._closing.set()
        self._something.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(self._every):
            self._something.wait()
            self._something.clear()
            if not self._closing.is_set():
                self._move()

    def _move(self) -> None:
        try:
            with closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except Error as error:  # the disk's trouble: the writer meets it too, and its callers hear
            log.warning("the log could not be moved: %s", type(error).__name__)

"""SQLite's ways: how connections are opened, how transactions begin, and that both are durable."""

from sqlite3 import SQLITE_BUSY, OperationalError
from sqlite3 import Connection as Driver
from time import monotonic

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import QueuePool, StaticPool

from handoff.store.checkpoints import LOG_PAGES
from handoff.store.engine import Engines
from handoff.store.sqlite_faults import FAULTS, KIND
from handoff.store.upgrade import newest, revision, upgrade

SYNCHRONOUS = {0: "off", 1: "normal", 2: "full", 3: "extra"}
LOOK_MS = 3
"""Milliseconds that SQLite waits by itself for another process's commit before it is asked again.

Left alone it looks ever more seldom, up to every 100 ms, and sleeps through the gaps that another
busy writer leaves: of two one was seen to wait for 5 s, so for 0.13 s.
"""
READERS = 8
"""Reading connections kept open; four times as many may be out at once."""


def opened(parsed: URL, busy_timeout: float) -> Engines:
    """Return the engines of a `sqlite:///path` or `sqlite://` (in memory) URL."""
    if parsed.database in (None, "", ":memory:"):
        engine = create_engine(
            parsed, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        _prepare(engine, "BEGIN IMMEDIATE", busy_timeout, read_only=False)
        return Engines(engine, engine, FAULTS, settings, (upgrade,), upgrade)
    writing = _file(parsed, busy_timeout)
    reading = _file(parsed, busy_timeout, read_only=True)
    return Engines(writing, reading, FAULTS, settings, (upgrade,), upgrade, stale, logged=True)


def _file(url: URL, busy_timeout: float, *, read_only: bool = False) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS if read_only else 1,
        max_overflow=3 * READERS if read_only else 0,
        pool_timeout=busy_timeout,
    )
    _prepare(engine, "BEGIN" if read_only else "BEGIN IMMEDIATE", busy_timeout, read_only=read_only)
    return engine


def _prepare(engine: Engine, begin: str, busy_timeout: float, *, read_only: bool) -> None:
    """Set what each connection needs, and how its transactions begin.

    The driver's own transaction handling is off: it would begin deferred ones, and a deferred one
    that turns to writing fails at once when another writer came between.
    """

    @event.listens_for(engine, "connect")
    def connected(driver: Driver, _record: object) -> None:
        driver.isolation_level = None
        driver.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = FULL")
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        if read_only:
            driver.execute("PRAGMA query_only = ON")
        else:
            driver.execute(f"PRAGMA busy_timeout = {LOOK_MS}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        _begin(connection.connection.cursor(), begin, busy_timeout)


def _begin(cursor: DBAPICursor, begin: str, patience: float) -> None:
    """Begin, where another process writes as soon as it has committed."""
    until = monotonic() + patience
    while True:
        try:
            cursor.execute(begin)
        except OperationalError as error:
            if error.sqlite_errorcode & KIND != SQLITE_BUSY or monotonic() >= until:
                raise
        else:
            return


def stale(connection: Connection) -> bool:
    """Tell whether a start must bring the tables up to date: else it waits for no other writer."""
    return revision(connection) != newest()


def settings(connection: Connection) -> dict[str, str]:
    """Return the durability settings that are in force on a connection, and SQLite's version."""

    def pragma(name: str) -> str:
        return str(connection.execute(text(f"PRAGMA {name}")).scalar())

    return {
        "sqlite": str(connection.execute(text("SELECT sqlite_version()")).scalar()),
        "journal_mode": pragma("journal_mode"),
        "synchronous": SYNCHRONOUS[int(pragma("synchronous"))],
        "foreign_keys": "on" if pragma("foreign_keys") == "1" else "off",
        "busy_timeout_ms": pragma("busy_timeout"),
    }

"""The store: SQLAlchemy Core behind the ports, on SQLite with a write-ahead log or PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine

from handoff.domain.errors import Conflict
from handoff.domain.skew import Skew, skew
from handoff.store.database import SqlStore
from handoff.store.engine import Engines, open_engines
from handoff.store.policies import SqlPolicies, policies_in_force
from handoff.store.upgrade import newest, revision, to_come
from handoff.store.writer import Hooks, Limits

__all__ = ["SqlStore", "active_policy", "describe", "migrate", "open_store", "pending", "skew_of"]

BUSY_TIMEOUT = 5.0
"""Seconds to wait for what another process holds, and for a free reading connection."""


def open_store(
    url: str,
    *,
    upgrade_first: bool = True,
    queue_limit: int = 10_000,
    batch_limit: int = 256,
    busy_timeout: float = BUSY_TIMEOUT,
    on_commit: Callable[[], None] = lambda: None,
    on_batch: Callable[[int, float], None] = lambda _commands, _seconds: None,
    at_point: Callable[[str], None] = lambda _name: None,
) -> SqlStore:
    """Return the store at `sqlite:///path`, in memory at `sqlite://`, or at `postgresql://…`.

    Its tables are brought up to date first, unless `upgrade_first` is off: then Conflict is raised
    where they are not. `on_commit` and `on_batch` (with its commands and seconds) are called once
    per committed batch, on the writer's thread.
    """
    engines = open_engines(url, busy_timeout)
    if upgrade_first or engines.shared:
        _start(engines)
    else:
        with _first(engines, engines.reading) as connection:
            if revision(connection) != newest():
                raise Conflict("the database's tables are of another version: upgrade them first")
    hooks = Hooks(on_commit, on_batch, at_point)
    return SqlStore(engines, Limits(queue_limit, batch_limit), hooks)


def migrate(url: str) -> None:
    """Bring the tables at a URL up to date; interrupted, it may be run again."""
    engines = open_engines(url, BUSY_TIMEOUT)
    for step in engines.upgrade:
        with _first(engines, engines.writing) as connection:
            step(connection)
    engines.dispose()


def pending(url: str | None) -> tuple[tuple[str, str], ...]:
    """Return the revisions that the tables at a URL have not had, each with what it does.

    All of them where there is no database.
    """
    if url is None:
        return to_come(None)
    engines = open_engines(url, BUSY_TIMEOUT)
    with _first(engines, engines.reading) as connection:
        found = to_come(revision(connection))
    engines.dispose()
    return found


def describe(url: str) -> dict[str, str]:
    """Return what `handoff doctor` shows: settings in force, revision of the tables, the newest."""
    engines = open_engines(url, BUSY_TIMEOUT)
    with _first(engines, engines.reading) as connection:
        found = engines.settings(connection)
        found["revision"] = revision(connection) or "none"
        found["newest_revision"] = newest() or "none"
    engines.dispose()
    return found


def skew_of(url: str, clock: Callable[[], datetime]) -> Skew | None:
    """Return how far the database's clock is ahead of `clock`; None where it has no own one."""
    engines = open_engines(url, BUSY_TIMEOUT)
    ask, found = engines.clock, None
    if ask is not None:
        with _first(engines, engines.reading) as connection:
            ask(connection)  # whoever is connecting cannot tell the time
            found = skew(lambda: ask(connection), clock)
    engines.dispose()
    return found


def active_policy(url: str, tenant: str) -> str | None:
    """Return `name@version` of what was activated last; None without, or with other tables."""
    engines = open_engines(url, BUSY_TIMEOUT)
    with _first(engines, engines.reading) as connection:
        active = None
        if revision(connection) == newest():
            active = policies_in_force(connection).get(tenant)
        stored = active and SqlPolicies(connection, tenant).get(active.version)
    engines.dispose()
    return f"{stored.name}@{stored.version}" if stored else None


def _start(engines: Engines) -> None:
    """Bring the tables up to date, and wait for other writers only where there is a need."""
    if engines.stale is not None:
        with _first(engines, engines.reading) as connection:
            if not engines.stale(connection):
                return
    with _first(engines, engines.writing) as connection:
        engines.start(connection)


@contextmanager
def _first(engines: Engines, engine: Engine) -> Iterator[Connection]:
    """Give a first transaction on a database; where it fails every connection is closed."""
    try:
        with engines.faults.in_our_words(), engine.begin() as connection:
            yield connection
    except BaseException:
        engines.dispose()
        raise

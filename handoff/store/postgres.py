"""PostgreSQL's ways: how connections are opened, what bounds their waiting, whose rows they see.

Writers read what is committed and hold the rows they are about to change; readers have a snapshot
and cannot write. Neither waits for ever: statements and locks have time-outs.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from psycopg import OperationalError, RawCursor
from sqlalchemy import Connection, Engine, create_engine, delete, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from handoff.domain.errors import Conflict, Invalid
from handoff.store.engine import Engines
from handoff.store.locking import WRITES
from handoff.store.partitions import PARTED
from handoff.store.postgres_faults import FAULTS
from handoff.store.prepared import RAW
from handoff.store.receipts import Receipts
from handoff.store.sessions import every_tenant
from handoff.store.side_tables import writers
from handoff.store.upgrade import known, newest, revision, upgrade

READERS = 8
"""Reading connections kept open; four times as many may be out at once."""
MOST_CONNECTIONS = 1 + 4 * READERS
"""What one process may have open."""
LOCK_S = 2.0
"""Seconds to wait for what another process holds; the whole batch waits."""
WRITING_S, READING_S = 15, 60
"""Seconds a statement may take, and a transaction may wait for its process: who writes holds others
up, also when its machine sleeps; who reads may have a long history to read."""
CONNECT_S = 5
MIGRATING_S = 60
"""Seconds to wait for another process that migrates."""
DDL_S = 2
"""Seconds a change of a table waits for its lock: longer, and every turn queues up behind it."""
PREPARED = 500
"""Statements that the server keeps ready for a connection: those of the turn path name a month."""
MIGRATING, RUNNING = 4_807_526_976, 4_807_526_977
"""The advisory locks: held by whoever migrates; shared by every service that runs."""
log = logging.getLogger(__name__)
ROOM = text(
    "SELECT least(current_setting('max_connections')::int"
    " - current_setting('superuser_reserved_connections')::int"
    " - coalesce(current_setting('reserved_connections', true), '0')::int,"
    " (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),"
    " (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())),"
    " (SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_database ON database = pg_database.oid"
    " WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 1"
    " AND classid::bigint << 32 | objid::bigint = :running)"
)
"""How many connections are let in, and how many services and workers run."""
FORGOTTEN = timedelta(days=7)
"""After this a writer that committed nothing more is no more."""
SETTINGS = (
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "statement_timeout",
    "lock_timeout",
)


def opened(parsed: URL, busy_timeout: float) -> Engines:
    """Return the engines of a `postgresql://…` URL; raise Invalid if it cannot be connected to."""
    url = parsed.set(drivername="postgresql+psycopg")
    writing = _engine(url, busy_timeout, read_only=False)
    reading = _engine(url, busy_timeout, read_only=True)
    start = _starter(writing)
    engines = Engines(
        writing,
        reading,
        FAULTS,
        settings,
        (partial(migrate, to="0011"), *(partial(looked_at, table) for table in PARTED), migrate),
        start,
        clock=now,
        receipts=Receipts(uuid4().hex),
    )
    try:
        writing.connect().close()
    except DBAPIError as error:
        engines.dispose()
        if not isinstance(error.orig, OperationalError):
            raise
        told = str(error.orig).strip().splitlines()
        raise Invalid(f"the database cannot be connected to: {told[0] if told else ''}") from None
    return engines


def _engine(url: URL, busy_timeout: float, *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS if read_only else 1,
        max_overflow=3 * READERS if read_only else 0,
        pool_timeout=busy_timeout,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_S,
            "application_name": "handoff",
            "target_session_attrs": "any" if read_only else "read-write",
        },
        execution_options={WRITES: not read_only},
    )
    begun = "repeatable read" if read_only else "read committed"
    most = READING_S if read_only else WRITING_S
    wanted = {
        "statement_timeout": f"{most}s",
        "lock_timeout": f"{int(min(busy_timeout, LOCK_S) * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{most}s",
        "default_transaction_isolation": begun,
        "default_transaction_read_only": "on" if read_only else "off",
        "TimeZone": "UTC",
    }
    told = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in wanted.items())

    @event.listens_for(engine, "connect")
    def connected(driver: Any, record: Any) -> None:
        record.info[RAW] = partial(RawCursor, driver)
        driver.prepared_max = PREPARED
        driver.autocommit = True
        driver.execute(f"SELECT {told}")
        driver.autocommit = False

    return engine


def migrate(connection: Connection, to: str = "head") -> None:
    """Bring the tables up to date, one process at a time; services of this version may run."""
    _alone(connection)
    found = revision(connection)
    if found is None or known(found):
        upgrade(connection, to)


def looked_at(table: str, connection: Connection) -> None:
    """Look through a table that is to become a partition, beside those who read and write it.

    Nothing happens where that was done.
    """
    _alone(connection)
    told = connection.execute(
        text("SELECT convalidated FROM pg_constraint WHERE conname = :name"),
        {"name": f"{table}_before_month"},
    ).scalar()
    if told is False:
        log.info("looking through %s", table)
        connection.execute(text(f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_before_month"))


def _starter(writing: Engine) -> Callable[[Connection], None]:
    """Return what a service does with the tables when it starts.

    Whoever comes first migrates, the others wait and find it done. Where a service of an earlier
    version runs, a starting one does not change the tables under it: that is for `handoff migrate`.
    Tables of a later version it takes as they are: a later version keeps to what this one needs.
    """

    def start(connection: Connection) -> None:
        _alone(connection)
        found = revision(connection)
        if found != newest() and (found is None or known(found)):
            if found is not None and _others(connection):
                raise Conflict(
                    f"the tables are at {found}, this program needs {newest()}, and another version"
                    " of the service runs: `handoff migrate up` first"
                )
            upgrade(connection)
        connection.execute(text(f"SELECT pg_advisory_lock_shared({RUNNING})"))
        connection.execute(delete(writers).where(writers.c.at < now(connection) - FORGOTTEN))
        event.listen(writing, "connect", _share)

    return start


def _alone(connection: Connection) -> None:
    """Wait until no other process migrates, and see all rows; tables are waited for but shortly."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{MIGRATING_S}s'"))
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{DDL_S}s'"))
    every_tenant(connection)


def _others(connection: Connection) -> bool:
    """Tell whether a service runs on this database."""
    alone = text(f"SELECT pg_try_advisory_xact_lock({RUNNING})")
    return not connection.execute(alone).scalar_one()


def _share(driver: Any, _record: object) -> None:
    """Say on a new connection of the writer that this service runs."""
    driver.execute(f"SELECT pg_advisory_lock_shared({RUNNING})")
    driver.commit()


def now(connection: Connection) -> datetime:
    """Return the database's own time, as it is this moment."""
    at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return at


def settings(connection: Connection) -> dict[str, str]:
    """Return the durability settings in force, the version, whether the role obeys walls, and how
    many connections there may be.
    """
    shown = {name: connection.execute(text(f"SHOW {name}")).scalar_one() for name in SETTINGS}
    free = connection.execute(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).scalar_one()
    room, running = connection.execute(ROOM, {"running": RUNNING}).one()
    return {
        "postgresql": str(connection.execute(text("SHOW server_version")).scalar_one()),
        **{name: str(value) for name, value in shown.items()},
        "row_security": "off for this role" if free else "on",
        "connections": str(room),
        "processes": str(running),
        "connections_of_one": str(MOST_CONNECTIONS),
    }

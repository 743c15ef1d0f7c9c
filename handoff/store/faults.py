"""What the service is told when the database refuses: our errors, never a driver's."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from handoff.domain.errors import Conflict, HandoffError, Invalid, Overloaded, StorageFull

FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
"""No room: on the disk, in the quota, or for the index of the write-ahead log."""

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR)
"""Somebody else holds it, or the disk does not answer."""

UNUSABLE = {
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened: is its folder there, and writable?",
    sqlite3.SQLITE_NOTADB: "the file is not an SQLite database",
}

KIND = 0xFF
"""SQLite keeps the kind of an error in the low byte of its extended code."""


def translated(error: BaseException) -> BaseException:
    """Return the error to give to the caller: a refusal of the database as one of ours."""
    cause = _driver_error(error)
    ours: HandoffError | None = None
    if isinstance(error, IntegrityError) or isinstance(cause, sqlite3.IntegrityError):
        ours = Conflict(f"that is there already, or what it belongs to is not: {cause}")
    elif isinstance(error, PoolTimeout):
        ours = Overloaded("every reading connection is taken: try again shortly")
    elif isinstance(cause, sqlite3.Error):
        ours = _refusal(getattr(cause, "sqlite_errorcode", 0))
    if ours is None:
        return error
    ours.__cause__ = error
    return ours


@contextmanager
def in_our_words() -> Iterator[None]:
    """Raise what the database refuses inside as one of our errors."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        refusal = translated(error)
        if refusal is error:
            raise
        raise refusal from error


def ends_batch(error: BaseException) -> bool:
    """Tell whether the database may have rolled everything back, not only one command."""
    return isinstance(_driver_error(error), sqlite3.OperationalError)


def _driver_error(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


def _refusal(code: int) -> HandoffError | None:
    kind = code & KIND
    if code in FULL or kind in FULL:
        return StorageFull()
    if kind in BUSY:
        return Overloaded("the database is busy: try again shortly")
    if kind in UNUSABLE:
        return Invalid(UNUSABLE[kind])
    return None

"""What SQLite refuses, in our words."""

import sqlite3

from handoff.domain.errors import Conflict, HandoffError, Invalid, Overloaded, StorageFull
from handoff.store.faults import Faults, Reach, driver_error

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


def refusal(cause: BaseException) -> HandoffError | None:
    """Return our error for one of SQLite's."""
    if isinstance(cause, sqlite3.IntegrityError):
        return Conflict(f"that is there already, or what it belongs to is not: {cause}")
    code = getattr(cause, "sqlite_errorcode", 0)
    kind = code & KIND
    if code in FULL or kind in FULL:
        return StorageFull()
    if kind in BUSY:
        return Overloaded("the database is busy: try again shortly")
    if kind in UNUSABLE:
        return Invalid(UNUSABLE[kind])
    return None


def reach(error: BaseException) -> Reach:
    """Tell what an error ends: SQLite may have rolled everything back where it could not go on."""
    ends = isinstance(driver_error(error), sqlite3.OperationalError)
    return Reach.BATCH if ends else Reach.COMMAND


FAULTS = Faults((sqlite3.Error,), refusal, reach)

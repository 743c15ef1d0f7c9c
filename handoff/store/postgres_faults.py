"""What PostgreSQL refuses, in our words, and what of it passes by itself."""

import psycopg

from handoff.domain.errors import (
    Conflict,
    HandoffError,
    Invalid,
    Overloaded,
    StaleVersion,
    StorageFull,
)
from handoff.store.faults import Faults, Reach, driver_error

FULL = ("53100", "53200")
"""No room on the disk, no memory."""
BUSY = {
    "55P03": "another process holds it",
    "57014": "it took too long",
    "25P03": "it took too long",
    "25P04": "it took too long",
    "53300": "the database has no connection left",
    "53400": "the database has no room for more",
}
PASSING = ("40001", "40P01", "57P01", "57P02", "57P03")
"""Serialization failure, deadlock; the server stops, crashed or starts."""
UNUSABLE = {
    "28": "the database refuses the role or its password",
    "3D": "there is no such database",
    "42501": "the role may not do that in the database",
}
INTEGRITY = "23"
TAKEN = "23505"
LOST = "08"


def refusal(cause: BaseException) -> HandoffError | None:
    """Return our error for one of PostgreSQL's."""
    state = _state(cause)
    told = getattr(getattr(cause, "diag", None), "message_primary", None) or ""
    if state.startswith(INTEGRITY):
        return Conflict(f"that is there already, or what it belongs to is not: {told}")
    if isinstance(cause, psycopg.DataError) and not state:
        return Invalid("NUL cannot be taken")  # what the driver itself will not send
    if state in FULL:
        return StorageFull()
    if state in BUSY:
        return Overloaded(f"the database is busy ({BUSY[state]}): try again shortly")
    if state in PASSING or lost(cause):
        return Overloaded("the database does not answer just now: try again shortly")
    unusable = UNUSABLE.get(state) or UNUSABLE.get(state[:2])
    return Invalid(f"{unusable}: {told}" if told else unusable) if unusable else None


def reach(error: BaseException) -> Reach:
    """Tell what an error ends: within a savepoint only the command, unless the connection is gone.

    A key that was free when we looked, or a version that was the last one, another process may have
    taken since: a second look tells.
    """
    cause = driver_error(error)
    if isinstance(cause, StaleVersion) or _state(cause) == TAKEN:
        return Reach.RACE
    if not isinstance(cause, psycopg.Error):
        return Reach.COMMAND
    if _state(cause) in PASSING or lost(cause):
        return Reach.PASSING
    return Reach.COMMAND


def lost(cause: BaseException) -> bool:
    """Tell whether the connection broke, or could not be made: then no SQLSTATE came."""
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return not _state(cause) or _state(cause).startswith(LOST)


def _state(cause: BaseException) -> str:
    return getattr(cause, "sqlstate", None) or ""


FAULTS = Faults((psycopg.Error,), refusal, reach)

"""The connections of a store, whichever database a URL names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from handoff.domain.errors import Invalid, MissingExtra
from handoff.store.faults import Faults

OPENERS = {
    "sqlite": "handoff.store.sqlite:opened",
    "postgresql": "handoff.store.postgres:opened",
}
"""Database to `module:function`; a module is imported when a URL asks for it."""


class Receipts(Protocol):
    """What a transaction leaves, by which it is known later whether it was committed."""

    def leave(self, connection: Connection) -> int | None: ...
    def stands(self, connection: Connection, number: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class Engines:
    """How one database is written to and read, and what is particular about it."""

    writing: Engine
    """One connection that writes."""
    reading: Engine
    """Several that cannot; in memory it is the one that writes."""
    faults: Faults
    settings: Callable[[Connection], dict[str, str]]
    """Tells what is in force on a connection."""
    upgrade: tuple[Callable[[Connection], None], ...]
    """Bring the tables to this version of the program, because somebody asks for it.

    Each in a transaction of its own; after an interruption all are begun again.
    """
    start: Callable[[Connection], None]
    """Does so because a service starts; raises Conflict where that must not change them."""
    stale: Callable[[Connection], bool] | None = None
    """Tells by a look whether `start` has anything to do; None where it always has."""
    clock: Callable[[Connection], datetime] | None = None
    """Asks the database for the time; None where only this machine uses it."""
    logged: bool = False
    """Whether it has a log that is to be moved beside the writer."""
    receipts: Receipts | None = None
    """None where the connection to the database cannot break."""

    @property
    def shared(self) -> bool:
        """Tell whether reading and writing take turns on one connection."""
        return self.writing is self.reading

    def dispose(self) -> None:
        """Close every connection."""
        self.writing.dispose()
        self.reading.dispose()


def open_engines(url: str, busy_timeout: float) -> Engines:
    """Return the engines of a URL; raise Invalid, or MissingExtra where its driver is missing."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Invalid("the database must be a URL: sqlite:///PATH or postgresql://…") from None
    opener = OPENERS.get(parsed.get_backend_name())
    if opener is None:
        told = parsed.render_as_string()
        raise Invalid(f"the database must be SQLite or PostgreSQL, and {told} is neither")
    opened: Callable[[URL, float], Engines] = _resolved(opener)
    return opened(parsed, busy_timeout)


def _resolved(target: str) -> Any:
    module, _, name = target.partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("handoff"):
            raise
        raise MissingExtra(
            f"{error.name} is missing; install the extra: pip install '.[postgres]'"
        ) from error

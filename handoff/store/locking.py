"""Hold what a command reads and is about to change, where several processes write at once.

SQLite has one writer at a time and nothing to hold. On PostgreSQL whoever writes holds the row of
the conversation: it stands for its turns, its escalations and their cards. Where there is no row
yet, or what is counted lies in many, a lock under a name stands for it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, FromClause, Select, bindparam, func, literal_column, select

from handoff.store.prepared import Prepared

WRITES = "handoff_writes"
"""The execution option of a connection on which several processes write."""
_NUMBER = func.hashtextextended(bindparam("name"), literal_column("0"))
_NAMED = Prepared(select(func.pg_advisory_xact_lock(_NUMBER)))


def holds(connection: Connection) -> bool:
    """Tell whether what is read on a connection is to be held until its commit."""
    return connection.get_execution_options().get(WRITES) is True


def held(connection: Connection, statement: Select[Any]) -> Select[Any]:
    """Return a select that holds the rows it returns, where that is needed."""
    return statement.with_for_update(key_share=True) if holds(connection) else statement


def hold_name(connection: Connection, *name: str) -> None:
    """Wait until no other process holds a name, and hold it until the commit."""
    if holds(connection):
        _NAMED.rows(connection, {"name": "\x1f".join(name)})


class Held(Prepared):
    """A prepared select that holds the rows of one table, where that is needed."""

    def __init__(self, statement: Select[Any], of: FromClause) -> None:
        """Keep the select, and the same one that holds."""
        super().__init__(statement)
        self._holding = Prepared(statement.with_for_update(key_share=True, of=of))

    def held(self, connection: Connection, values: Mapping[str, object]) -> list[list[Any]]:
        """Return the rows, held where that is needed."""
        chosen = self._holding if holds(connection) else self
        return chosen.rows(connection, values)

"""What a writer leaves in a transaction to know later whether it was committed.

Where the connection breaks within a commit, nobody has said what became of it. The number of the
transaction would not tell: one that a crash undid is given to somebody else. So each writer has a
row, and every transaction leaves the number of its batch there.
"""

from sqlalchemy import Connection, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from handoff.store.prepared import Prepared
from handoff.store.side_tables import writers

_NOW = "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
_NEW = insert(writers).from_select(
    ["writer", "batch", "at"],
    select(
        bindparam("writer", type_=writers.c.writer.type),
        bindparam("batch", type_=writers.c.batch.type),
        literal_column(_NOW),
    ).where(func.pg_current_xact_id_if_assigned().is_not(None)),
)
_LEAVE = Prepared(
    _NEW.on_conflict_do_update(
        index_elements=["writer"], set_={"batch": _NEW.excluded.batch, "at": _NEW.excluded.at}
    )
)
_MEET = Prepared(
    insert(writers)
    .values(writer=bindparam("writer"), batch=literal_column("0"), at=literal_column(_NOW))
    .on_conflict_do_nothing()
)
"""Waits for a first transaction of the writer that is still under way."""
_LAST = Prepared(
    select(writers.c.batch).where(writers.c.writer == bindparam("this_writer")).with_for_update()
)
"""Waits for a later one."""


class Receipts:
    """The row of one writer."""

    def __init__(self, writer: str) -> None:
        """Count from nothing for a writer whose name nobody else has."""
        self._writer = writer
        self._batch = 0

    def leave(self, connection: Connection) -> int | None:
        """Leave a number in a transaction; None where it has written nothing and needs none."""
        self._batch += 1
        told = {"writer": self._writer, "batch": self._batch}
        return self._batch if _LEAVE.run(connection, told) else None

    def stands(self, connection: Connection, number: int) -> bool:
        """Tell whether the transaction that left a number was committed, once it has ended."""
        _MEET.run(connection, {"writer": self._writer})
        rows = _LAST.rows(connection, {"this_writer": self._writer})
        return bool(rows) and rows[0][0] == number

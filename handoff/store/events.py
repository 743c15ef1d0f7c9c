"""The feed in the database: numbered per tenant in the order of commits."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection, literal_column, select, update

from handoff.domain.records import Event
from handoff.store.prepared import Prepared, addition, these
from handoff.store.shape import Shape
from handoff.store.side_tables import event_heads as heads
from handoff.store.side_tables import events as table

SHAPE = Shape(table, Event)

_NEXT = Prepared(
    update(heads)
    .where(these(heads, "tenant"))
    .values(sequence=heads.c.sequence + literal_column("1"))
)
_LATEST = Prepared(select(heads.c.sequence).where(these(heads, "tenant")))
_FIRST = addition(heads)
_ADD = addition(table)


class SqlEvents:
    """One tenant's feed."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def publish(self, kind: str, subject: str, data: dict[str, JsonValue], at: datetime) -> None:
        """Add an event.

        The head is moved first: where writers are many its row keeps them apart until the commit,
        so that no reader meets a later event before an earlier one.
        """
        if not _NEXT.run(self._connection, {"this_tenant": self._tenant}):
            _FIRST.run(self._connection, {"tenant": self._tenant, "sequence": 1})
        event = Event(self.latest(), kind, subject, data, at)
        _ADD.run(self._connection, SHAPE.values(event, tenant=self._tenant))

    def after(self, sequence: int, limit: int) -> tuple[Event, ...]:
        """Return the events after a sequence, in order."""
        rows = self._connection.execute(
            select(*SHAPE.columns)
            .where(table.c.tenant == self._tenant, table.c.sequence > sequence)
            .order_by(table.c.sequence)
            .limit(limit)
        )
        return tuple(SHAPE.item(row) for row in rows)

    def latest(self) -> int:
        """Return the sequence of the last event, 0 before the first."""
        rows = _LATEST.rows(self._connection, {"this_tenant": self._tenant})
        return int(rows[0][0]) if rows else 0

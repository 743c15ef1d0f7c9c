"""The feed in the database: numbered per tenant in the order of commits."""

from datetime import datetime
from functools import partial

from pydantic import JsonValue
from sqlalchemy import Connection, literal_column, select, update

from handoff.domain.records import Event
from handoff.store.batch import Batch
from handoff.store.prepared import Prepared, addition, these
from handoff.store.shape import Shape
from handoff.store.side_tables import event_heads as heads
from handoff.store.side_tables import events as table

SHAPE = Shape(table, Event)

_NEXT = Prepared(
    update(heads)
    .where(these(heads, "tenant"))
    .values(sequence=heads.c.sequence + literal_column("1"))
    .returning(heads.c.sequence)
)
_LATEST = Prepared(select(heads.c.sequence).where(these(heads, "tenant")))
_FIRST = addition(heads)
_ADD = addition(table)


class SqlEvents:
    """One tenant's feed."""

    def __init__(self, batch: Batch, tenant: str) -> None:
        """Work inside the batch's transaction."""
        self._batch = batch
        self._tenant = tenant

    def publish(self, kind: str, subject: str, data: dict[str, JsonValue], at: datetime) -> None:
        """Add an event, before the commit."""
        told = partial(_publish, self._tenant, kind, subject, data, at)
        self._batch.at_end(self._tenant, "events", told)

    def after(self, sequence: int, limit: int) -> tuple[Event, ...]:
        """Return the events after a sequence, in order."""
        rows = self._batch.settled.execute(
            select(*SHAPE.columns)
            .where(table.c.tenant == self._tenant, table.c.sequence > sequence)
            .order_by(table.c.sequence)
            .limit(limit)
        )
        return tuple(SHAPE.item(row) for row in rows)

    def latest(self) -> int:
        """Return the sequence of the last event, 0 before the first."""
        return _latest(self._batch.settled, self._tenant)


def _publish(
    tenant: str,
    kind: str,
    subject: str,
    data: dict[str, JsonValue],
    at: datetime,
    connection: Connection,
) -> None:
    """Number an event and add it.

    The head is moved first: where writers are many its row keeps them apart until the commit, so
    that no reader meets a later event before an earlier one.
    """
    moved = _NEXT.rows(connection, {"this_tenant": tenant})
    if not moved:
        _FIRST.run(connection, {"tenant": tenant, "sequence": 1})
    event = Event(moved[0][0] if moved else 1, kind, subject, data, at)
    _ADD.run(connection, SHAPE.values(event, tenant=tenant))


def _latest(connection: Connection, tenant: str) -> int:
    rows = _LATEST.rows(connection, {"this_tenant": tenant})
    return int(rows[0][0]) if rows else 0

"""The feed in the database: numbered per tenant in the order of commits."""

from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection, bindparam, select, update

from handoff.domain.records import Event
from handoff.store.batch import Batch
from handoff.store.prepared import Additions, Prepared, addition, these
from handoff.store.shape import Shape
from handoff.store.side_tables import event_heads as heads
from handoff.store.side_tables import events as table

SHAPE = Shape(table, Event)

_NEXT = Prepared(
    update(heads)
    .where(these(heads, "tenant"))
    .values(sequence=heads.c.sequence + bindparam("more", type_=heads.c.sequence.type))
    .returning(heads.c.sequence)
)
_LATEST = Prepared(select(heads.c.sequence).where(these(heads, "tenant")))
_FIRST = addition(heads)
_ADD = Additions(table, ("tenant", *SHAPE.names))


class SqlEvents:
    """One tenant's feed."""

    def __init__(self, batch: Batch, tenant: str) -> None:
        """Work inside the batch's transaction."""
        self._batch = batch
        self._tenant = tenant

    def publish(self, kind: str, subject: str, data: dict[str, JsonValue], at: datetime) -> None:
        """Add an event, before the commit."""
        told = Event(0, kind, subject, data, at)
        self._batch.at_end(self._tenant, "events", told, _publish)

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


def _publish(connection: Connection, tenant: str, told: list[Event]) -> None:
    """Number events and add them.

    The head is moved first: where writers are many its row keeps them apart until the commit, so
    that no reader meets a later event before an earlier one.
    """
    moved = _NEXT.rows(connection, {"this_tenant": tenant, "more": len(told)})
    if not moved:
        _FIRST.run(connection, {"tenant": tenant, "sequence": len(told)})
    first = (moved[0][0] if moved else len(told)) - len(told) + 1
    numbered = (replace(event, sequence=first + n) for n, event in enumerate(told))
    _ADD.run(connection, [SHAPE.values(event, tenant=tenant) for event in numbered])


def _latest(connection: Connection, tenant: str) -> int:
    rows = _LATEST.rows(connection, {"this_tenant": tenant})
    return int(rows[0][0]) if rows else 0

"""The audit trail in the database: appended to a tenant's chain, never changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, select, update

from handoff.domain.audit import GENESIS, Actor, AuditEntry, ChainedEntry, chain
from handoff.domain.errors import StaleVersion
from handoff.domain.records import Listed, Page
from handoff.domain.retention import AuditCut
from handoff.store.ageing import stored
from handoff.store.batch import Batch
from handoff.store.locking import Held
from handoff.store.paging import Order, listed
from handoff.store.prepared import Additions, Prepared, addition, these
from handoff.store.side_tables import audit_entries as table
from handoff.store.side_tables import audit_heads as heads

OLDEST = Order("audit", (table.c.sequence,))
SINCE = Order("audit since", (table.c.at, table.c.sequence))

_HEAD = Held(select(heads.c.sequence, heads.c.entry_hash).where(these(heads, "tenant")), heads)
_FIRST = addition(heads)
_MOVE = Prepared(
    update(heads)
    .where(these(heads, "tenant", "sequence"))
    .values(sequence=bindparam("sequence"), entry_hash=bindparam("entry_hash"))
)
_ADD = Additions(table, [c.name for c in table.c])


class SqlAuditTrail:
    """One tenant's audit chain."""

    def __init__(self, batch: Batch, tenant: str) -> None:
        """Work inside the batch's transaction."""
        self._batch = batch
        self._tenant = tenant

    def append(self, entry: AuditEntry) -> None:
        """Put an entry at the end of the chain, which is held from then on: before the commit."""
        self._batch.at_end(self._tenant, "audit", entry, _append)

    def head(self) -> tuple[int, str]:
        """Return the last entry's sequence and hash; 0 and GENESIS before the first."""
        return _head(self._batch.settled, self._tenant)

    def of(self, subject: str) -> tuple[ChainedEntry, ...]:
        """Return what happened to a subject, oldest first."""
        rows = self._batch.settled.execute(
            self._all().where(table.c.subject == subject).order_by(table.c.sequence)
        )
        return tuple(_entry(row) for row in rows)

    def list(self, page: Page, since: datetime | None = None) -> Listed[ChainedEntry]:
        """Return entries oldest first: by place in the chain, or by time where `since` is given."""
        statement, order = self._all(), OLDEST
        if since is not None:
            statement, order = statement.where(table.c.at >= since), SINCE
        return listed(self._batch.settled, self._tenant, statement, order, page, _entry)

    def cut(self, before: datetime, limit: int) -> tuple[AuditCut | None, int]:
        """Delete some of the oldest entries; return the last one, and how many there were.

        Those of a conversation that is stored stay, and what comes after them.
        """
        connection, it = self._batch.settled, table.c
        _head(connection, self._tenant)  # held: whoever else cuts waits
        rows = connection.execute(
            select(it.sequence, it.entry_hash, it.at, it.conversation_id)
            .where(it.tenant == self._tenant)
            .order_by(it.sequence)
            .limit(limit)
        ).all()
        kept = stored(connection, self._tenant, [row[3] for row in rows if row[3] is not None])
        gone = list(takewhile(lambda row: row[2] < before and row[3] not in kept, rows))
        if not gone:
            return None, 0
        last = AuditCut(gone[-1][0], gone[-1][1])
        connection.execute(
            delete(table).where(it.tenant == self._tenant, it.sequence <= last.sequence)
        )
        return last, len(gone)

    def _all(self) -> Select[Any]:
        return select(table).where(table.c.tenant == self._tenant)


def _append(connection: Connection, tenant: str, entries: list[AuditEntry]) -> None:
    """Put entries at the end of the chain: however many, its head is read and moved once."""
    before, previous = _head(connection, tenant)
    rows: list[ChainedEntry] = []
    for sequence, entry in enumerate(entries, before + 1):
        rows.append(chain(previous, sequence, replace(entry, tenant=tenant)))
        previous = rows[-1].entry_hash
    _move_head(connection, tenant, before, rows[-1])
    _ADD.run(connection, [_row(one) for one in rows])


def _head(connection: Connection, tenant: str) -> tuple[int, str]:
    rows = _HEAD.held(connection, {"this_tenant": tenant})
    return (rows[0][0], rows[0][1]) if rows else (0, GENESIS)


def _move_head(connection: Connection, tenant: str, before: int, chained: ChainedEntry) -> None:
    """Write the head where it still is `before`; raise StaleVersion otherwise."""
    after = {"sequence": chained.sequence, "entry_hash": chained.entry_hash}
    if before == 0:
        _FIRST.run(connection, {"tenant": tenant, **after})
        return
    this = {"this_tenant": tenant, "this_sequence": before}
    if not _MOVE.run(connection, {**this, **after}):
        raise StaleVersion


def _row(chained: ChainedEntry) -> dict[str, object]:
    entry = chained.entry
    return {
        "tenant": entry.tenant,
        "sequence": chained.sequence,
        "at": entry.at,
        "actor_kind": entry.actor.kind,
        "actor_name": entry.actor.name,
        "action": entry.action,
        "subject": entry.subject,
        "conversation_id": entry.conversation_id,
        "before": entry.before,
        "after": entry.after,
        "version": entry.version,
        "details": entry.details,
        "previous_hash": chained.previous_hash,
        "entry_hash": chained.entry_hash,
    }


def _entry(row: Sequence[Any]) -> ChainedEntry:
    """Return the entry of a row in the table's order of columns."""
    tenant, sequence, at, kind, name, *rest, previous_hash, entry_hash = row
    entry = AuditEntry(tenant, at, Actor(kind, name), *rest)
    return ChainedEntry(sequence, previous_hash, entry_hash, entry)

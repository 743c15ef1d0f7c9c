"""What is old in the database: counted, dropped by whole months, deleted in bounded batches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    text,
    tuple_,
)

from handoff.domain.conversation import month_of
from handoff.domain.retention import Cuts, Old
from handoff.store.partitions import Partition, alone, hold, make_ahead, present
from handoff.store.side_tables import (
    audit_entries,
    audit_heads,
    callbacks,
    card_ratings,
    event_heads,
    events,
    human_turns,
    idempotency,
    summaries,
)
from handoff.store.tables import cards, conversations, deliveries, escalations, feedback, turns

OF_ESCALATION = (deliveries, cards, human_turns, card_ratings)
OF_CONVERSATION = (summaries, escalations, feedback, turns, conversations)
"""In the order in which they go: nothing is left that points to what is gone."""
ANSWERS: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (idempotency, ("tenant", "principal", "route", "key")),
    (callbacks, ("tenant", "source", "event_id")),
)


def over(before: datetime) -> ColumnElement[bool]:
    """Return the condition of a conversation with nothing open, where nothing happened since."""
    it = conversations.c
    return and_(
        it.open_escalation.is_(None), func.coalesce(it.last_turn_at, it.started_at) < before
    )


class SqlAgeing:
    """What is old, of all tenants, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def make_ahead(self, at: datetime) -> tuple[str, ...]:
        """Make the partitions that will be needed, where the database has such; return them."""
        return tuple(one.name for one in make_ahead(self._connection, at))

    def drop_months(self, before: datetime) -> tuple[str, ...]:
        """Drop the partitions in which all conversations are over; return them.

        The tables are held before that is looked at: who has something to add waits, and then adds
        it to what takes all that has no month. Detached one by one and at once: beside a partition
        that takes the rest PostgreSQL cannot detach concurrently; it is the work of a moment.
        """
        last = month_of(before)
        old = [one for one in present(self._connection) if one.month < last]
        if not old:
            return ()
        alone(self._connection)
        hold(self._connection)
        tenants = self.tenants()
        dropped: list[str] = []
        for month in sorted({one.month for one in old}):
            parts = [one for one in old if one.month == month]
            if not any(self._goes_on(tenant, month, before) for tenant in tenants):
                dropped += (self._drop(one) for one in reversed(parts))
        return tuple(dropped)

    def tenants(self) -> tuple[str, ...]:
        """Return who has anything, found by looking from one to the next."""
        found: set[str] = set()
        for table in (conversations, audit_heads, event_heads):
            last: str | None = ""
            while last is not None:
                following = select(func.min(table.c.tenant)).where(table.c.tenant > last)
                last = self._connection.execute(following).scalar()
                if last is not None:
                    found.add(last)
        return tuple(sorted(found))

    def count(self, tenant: str, cuts: Cuts) -> Old:
        """Return how much of a tenant's is old enough to go."""
        gone = going_on = 0
        if cuts.conversations is not None:
            old = self._old(tenant, cuts.conversations)
            gone = self._number(conversations, *old, over(cuts.conversations))
            going_on = self._number(conversations, *old) - gone
        return Old(
            conversations=gone,
            going_on=going_on,
            audit=self._made(audit_entries, tenant, cuts.audit),
            feed=self._made(events, tenant, cuts.feed),
            answers=sum(self._made(table, tenant, cuts.answers) for table, _ in ANSWERS),
        )

    def forget_conversations(self, tenant: str, before: datetime, limit: int) -> int:
        """Delete some that are over, with all that belongs to them; return how many."""
        it = conversations.c
        rows = self._connection.execute(
            select(it.conversation_id, it.month)
            .where(*self._old(tenant, before), over(before))
            .order_by(it.started_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        ids, months = [row[0] for row in rows], {row[1] for row in rows}
        if not ids:
            return 0
        its = escalations.c
        found = select(its.escalation_id).where(its.tenant == tenant, its.conversation_id.in_(ids))
        opened = list(self._connection.execute(found).scalars())
        for table in OF_ESCALATION if opened else ():
            self._forget(table, tenant, table.c.escalation_id.in_(opened), months)
        for table in OF_CONVERSATION:
            self._forget(table, tenant, table.c.conversation_id.in_(ids), months)
        return len(ids)

    def forget_events(self, tenant: str, before: datetime, limit: int) -> int:
        """Delete some of the oldest of a feed; return how many."""
        first = select(events.c.sequence).where(events.c.tenant == tenant)
        first = first.order_by(events.c.sequence).limit(limit)
        return self._deleted(
            events, events.c.tenant == tenant, events.c.at < before, events.c.sequence.in_(first)
        )

    def forget_answers(self, before: datetime, limit: int) -> int:
        """Delete some of the oldest answers and callbacks of all tenants; return how many."""
        gone = 0
        for table, names in ANSWERS:
            key = tuple(table.c[name] for name in names)
            oldest = select(*key).where(table.c.at < before).order_by(table.c.at).limit(limit)
            gone += self._deleted(table, tuple_(*key).in_(oldest))
        return gone

    def _goes_on(self, tenant: str, month: int, before: datetime) -> bool:
        """Tell whether a conversation of a month is to be kept."""
        it = conversations.c
        kept = or_(it.started_at >= before, not_(over(before)))
        bounds: list[ColumnElement[bool]] = [it.tenant == tenant, it.month == month, kept]
        if month:  # found by the index over when they began
            bounds.append(it.started_at < before)
        return bool(self._connection.execute(select(exists().where(*bounds))).scalar())

    def _drop(self, one: Partition) -> str:
        for statement in (
            f"ALTER TABLE {one.table} DETACH PARTITION {one.name}",
            f"DROP TABLE {one.name}",
        ):
            self._connection.execute(text(statement))
        return one.name

    def _forget(
        self, table: Table, tenant: str, these: ColumnElement[bool], months: set[int]
    ) -> None:
        lies = (table.c.month.in_(months),) if "month" in table.c else ()
        self._connection.execute(delete(table).where(table.c.tenant == tenant, these, *lies))

    def _old(self, tenant: str, before: datetime) -> tuple[ColumnElement[bool], ...]:
        return conversations.c.tenant == tenant, conversations.c.started_at < before

    def _made(self, table: Table, tenant: str, before: datetime | None) -> int:
        if before is None:
            return 0
        return self._number(table, table.c.tenant == tenant, table.c.at < before)

    def _number(self, table: Table, *which: ColumnElement[bool]) -> int:
        counted: Select[Any] = select(func.count()).select_from(table).where(*which)
        return int(self._connection.execute(counted).scalar_one())

    def _deleted(self, table: Table, *which: ColumnElement[bool]) -> int:
        return self._connection.execute(delete(table).where(*which)).rowcount


def stored(connection: Connection, tenant: str, ids: Sequence[str]) -> set[str]:
    """Return which of some conversations are still there."""
    it = conversations.c
    found = select(it.conversation_id).where(it.tenant == tenant, it.conversation_id.in_(ids))
    return set(connection.execute(found).scalars())

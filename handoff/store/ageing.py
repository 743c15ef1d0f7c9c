"""What is old in the database: counted, dropped by whole months, deleted in bounded batches."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
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
from handoff.domain.retention import Cuts, Old, month_before
from handoff.store.partitions import Partition, alone, hold, make_ahead, owned, present
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
from handoff.store.tables import (
    cards,
    conversations,
    deliveries,
    escalations,
    feedback,
    turns,
    unsettled,
)

OF_ESCALATION = (deliveries, cards, human_turns, card_ratings)
OF_CONVERSATION = (summaries, escalations, feedback, turns, conversations)
"""In the order in which they go: nothing is left that points to what is gone."""
LOOK_MS = 2_000
"""Milliseconds of the look whether a month is over, while every turn waits for it."""


def over(before: datetime) -> ColumnElement[bool]:
    """Return the condition of a conversation with nothing open or to send, and nothing since."""
    it, its, sent = conversations.c, escalations.c, deliveries.c
    of_it = its.tenant == it.tenant, its.conversation_id == it.conversation_id
    closed_since = exists().where(*of_it, or_(its.closed_at.is_(None), its.closed_at >= before))
    to_send = exists().where(
        *of_it,
        sent.tenant == its.tenant,
        sent.escalation_id == its.escalation_id,
        unsettled(deliveries),
    )
    return and_(
        it.open_escalation.is_(None),
        func.coalesce(it.last_turn_at, it.started_at) < before,
        or_(it.ended_at.is_(None), it.ended_at < before),
        not_(closed_since),
        not_(to_send),
    )


class SqlAgeing:
    """What is old, of all tenants, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def make_ahead(self, at: datetime) -> tuple[str, ...]:
        """Make a partition that will be needed, where the database has such; return its name.

        One at a time: who writes waits for no more than that.
        """
        return tuple(one.name for one in make_ahead(self._connection, at, most=1))

    def months_over(self, before: datetime) -> tuple[int, ...]:
        """Return the months that have partitions, in which all conversations are over."""
        return self._over({one.month for one in present(self._connection)}, before)

    def drop_months(self, before: datetime, among: Collection[int]) -> tuple[str, ...]:
        """Drop the partitions of those months in which all conversations are over; return them.

        The tables are held before that is looked at: who has something to add waits, and then adds
        it to what takes all that has no month. They wait for LOOK_MS at most: what takes longer to
        look through goes bit by bit, and is dropped when it is empty. Detached one by one and at
        once: beside a partition that takes the rest PostgreSQL cannot detach concurrently; it is
        the work of a moment.
        """
        if not owned(self._connection):
            return ()
        alone(self._connection)
        hold(self._connection)
        self._connection.execute(text(f"SET LOCAL statement_timeout = {LOOK_MS}"))
        over = self._over(among, before)
        parts = [one for one in present(self._connection) if one.month in over]
        return tuple(self._drop(one) for one in reversed(parts))

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
            answers=self._made(idempotency, tenant, cuts.answers),
            callbacks=self._made(callbacks, tenant, cuts.conversations),
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
        found = select(its.escalation_id, its.month).where(
            its.tenant == tenant, its.conversation_id.in_(ids)
        )
        held = self._connection.execute(found).all()
        opened = [row[0] for row in held]
        months |= {0, *(row[1] for row in held)}  # 0: an earlier version wrote beside this one
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
        """Delete some of the oldest answers of all tenants; return how many."""
        return self._oldest(idempotency, before, limit)

    def forget_callbacks(self, before: datetime, limit: int) -> int:
        """Delete some of the oldest names of callbacks of all tenants; return how many."""
        return self._oldest(callbacks, before, limit)

    def _oldest(self, table: Table, before: datetime, limit: int) -> int:
        key = tuple(table.primary_key)
        oldest = select(*key).where(table.c.at < before).order_by(table.c.at).limit(limit)
        return self._deleted(table, tuple_(*key).in_(oldest))

    def _over(self, some: Collection[int], before: datetime) -> tuple[int, ...]:
        """Return which of some months are old, and have no conversation that goes on."""
        last, tenants = month_of(before), self.tenants()
        return tuple(
            month
            for month in sorted(some)
            if month < last and not any(self._goes_on(tenant, month, before) for tenant in tenants)
        )

    def _goes_on(self, tenant: str, month: int, before: datetime) -> bool:
        """Tell whether a conversation of a month is to be kept."""
        it = conversations.c
        kept = or_(it.started_at >= before, not_(over(before)))
        bounds: list[ColumnElement[bool]] = [it.tenant == tenant, it.month == month, kept]
        if month:  # found by the index over when they began, which is in that month
            first = datetime(month // 100, month % 100, 1, tzinfo=UTC)
            bounds += (it.started_at >= first, it.started_at < month_before(first, -1))
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

"""Escalations and their cards in the database, each change guarded by the version before it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    update,
)

from handoff.domain.card import Card
from handoff.domain.errors import Invalid, StaleVersion
from handoff.domain.escalation import Escalation, State
from handoff.domain.records import EscalationFilter, Listed, Page
from handoff.store.locking import Held, holds
from handoff.store.paging import Order, listed
from handoff.store.prepared import Prepared, addition, these
from handoff.store.shape import Shape
from handoff.store.tables import cards, conversations, still_open
from handoff.store.tables import escalations as table

SHAPE = Shape(table, Escalation)
FIXED = (
    "tenant",
    "escalation_id",
    "conversation_id",
    "opened_at",
    "cause",
    "incident_id",
    "slot_at",
)
"""What a save leaves as it is: the opening wrote it, and only an incident claims earlier ones."""
NEWEST = Order("escalations", (table.c.opened_at, table.c.escalation_id), newest_first=True)
WAITING = Order("waiting", (table.c.priority, table.c.queued_at, table.c.escalation_id))
_CONVERSATION = Held(
    select(conversations.c.conversation_id)
    .select_from(
        conversations.join(
            table,
            and_(
                table.c.tenant == conversations.c.tenant,
                table.c.conversation_id == conversations.c.conversation_id,
            ),
        )
    )
    .where(these(table, "tenant", "escalation_id")),
    conversations,
)

_OPEN_IN = Prepared(
    select(*SHAPE.columns)
    .where(these(table, "tenant", "conversation_id"), still_open(table))
    .limit(literal_column("1"))
    .offset(literal_column("0", Integer))
)


def _present(month: ColumnElement[int]) -> ColumnElement[int]:
    """Return a month as a value to write; 0 where what it belongs to is not stored."""
    return func.coalesce(month, literal_column("0"))


def month_of_escalation(tenant: str, escalation_id: str) -> ColumnElement[int]:
    """Return the month of an escalation's conversation as a value to write."""
    found = select(table.c.month).where(
        table.c.tenant == tenant, table.c.escalation_id == escalation_id
    )
    return _present(found.scalar_subquery())


_THIS_MONTH = select(table.c.month).where(these(table, "tenant", "escalation_id")).scalar_subquery()
_THIS_CONVERSATION_S = (
    select(conversations.c.month)
    .where(these(conversations, "tenant", "conversation_id"))
    .scalar_subquery()
)
_ADD = addition(table, month=_present(_THIS_CONVERSATION_S))
_ADD_CARD = addition(cards, month=_present(_THIS_MONTH))
_ITS_MONTH = cards.c.month == _THIS_MONTH
"""Of a card: PostgreSQL then looks into one partition alone."""
_ONE = Prepared(select(*SHAPE.columns).where(these(table, "tenant", "escalation_id")))
_CARD = Prepared(
    select(cards.c.body).where(these(cards, "tenant", "escalation_id", "card_version"), _ITS_MONTH)
)
_LATEST_CARD = Prepared(
    select(cards.c.body)
    .where(these(cards, "tenant", "escalation_id"), _ITS_MONTH)
    .order_by(cards.c.card_version.desc())
    .limit(literal_column("1"))
    .offset(literal_column("0", Integer))
)


class SqlEscalations:
    """One tenant's escalations."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def get(self, escalation_id: str) -> Escalation | None:
        """Return the escalation, None if there is none of this id.

        Its conversation is held first, as by a turn: in one order nobody waits for each other.
        """
        this = {"this_tenant": self._tenant, "this_escalation_id": escalation_id}
        if holds(self._connection):
            _CONVERSATION.held(self._connection, this)
        rows = _ONE.rows(self._connection, this)
        return SHAPE.item(rows[0]) if rows else None

    def open_in(self, conversation_id: str) -> Escalation | None:
        """Return the conversation's open escalation."""
        this = {"this_tenant": self._tenant, "this_conversation_id": conversation_id}
        rows = _OPEN_IN.rows(self._connection, this)
        return SHAPE.item(rows[0]) if rows else None

    def add(self, escalation: Escalation) -> None:
        """Add an escalation; raise Conflict if its conversation has an open one."""
        this = {
            "this_tenant": self._tenant,
            "this_conversation_id": escalation.conversation_id,
        }
        _ADD.run(self._connection, SHAPE.values(escalation, **this) | {"tenant": self._tenant})

    def save(self, escalation: Escalation) -> None:
        """Write where the stored version is one less; raise StaleVersion otherwise."""
        values = SHAPE.values(escalation)
        changed = self._connection.execute(
            update(table)
            .where(
                table.c.tenant == self._tenant,
                table.c.escalation_id == escalation.escalation_id,
                table.c.version == escalation.version - 1,
            )
            .values({name: value for name, value in values.items() if name not in FIXED})
        )
        if not changed.rowcount:
            raise StaleVersion

    def touch(self, escalation_id: str, due_at: datetime) -> None:
        """Move the present state's timer without a new version."""
        self._connection.execute(
            update(table)
            .where(
                table.c.tenant == self._tenant,
                table.c.escalation_id == escalation_id,
                still_open(table),
            )
            .values(due_at=due_at)
        )

    def list(self, where: EscalationFilter, page: Page) -> Listed[Escalation]:
        """Return a page of the escalations that a filter lets through."""
        statement = self._all().where(
            *(
                table.c[name] == value
                for name in (
                    "queue",
                    "job",
                    "intent",
                    "reason_code",
                    "conversation_id",
                    "incident_id",
                )
                if (value := getattr(where, name)) is not None
            )
        )
        if where.states is not None:
            statement = statement.where(table.c.state.in_(where.states))
            if State.CLOSED not in where.states:
                statement = statement.where(still_open(table))
        if where.held_by is not None:
            held = or_(table.c.owner == where.held_by, table.c.reserved_for == where.held_by)
            statement = statement.where(held)
        if where.since is not None:
            statement = statement.where(table.c.opened_at >= where.since)
        if where.until is not None:
            statement = statement.where(table.c.opened_at < where.until)
        order = WAITING if where.waiting_first else NEWEST
        return listed(self._connection, self._tenant, statement, order, page, SHAPE.item)

    def waiting(self) -> dict[str, int]:
        """Return queue name to the number of queued and reserved escalations."""
        rows = self._connection.execute(
            select(table.c.queue).where(
                table.c.tenant == self._tenant,
                still_open(table),
                table.c.state.in_((State.QUEUED, State.RESERVED)),
            )
        )
        return dict(Counter(rows.scalars()))

    def abandoned_by(self, customer_key: str) -> Escalation | None:
        """Return this customer's latest abandoned escalation; its timer ends the grace."""
        left = [one for one in self._open_of(customer_key) if one.state is State.ABANDONED]
        return max(left, key=lambda one: (one.changed_at, one.escalation_id), default=None)

    def others_of(self, customer_key: str, but: str) -> tuple[str, ...]:
        """Return ids of the customer's other open escalations, oldest first."""
        others = [one for one in self._open_of(customer_key) if one.escalation_id != but]
        others.sort(key=lambda one: (one.opened_at, one.escalation_id))
        return tuple(one.escalation_id for one in others)

    def opened_for(self, customer_key: str, job: str | None) -> int:
        """Return how many escalations this customer ever had about a job, open ones included."""
        found = self._connection.execute(
            select(func.count())
            .select_from(table)
            .where(
                table.c.tenant == self._tenant,
                table.c.customer_key == customer_key,
                table.c.job.is_(None) if job is None else table.c.job == job,
            )
        )
        return int(found.scalar_one())

    def add_card(self, card: Card, at: datetime) -> None:
        """Add a card version; raise Invalid where the card names no escalation."""
        if card.escalation_id is None:
            raise Invalid("a card without an escalation is not kept")
        added = {
            "tenant": self._tenant,
            "escalation_id": card.escalation_id,
            "card_version": card.card_version,
            "made_at": at,
            "body": card,
            "this_tenant": self._tenant,
            "this_escalation_id": card.escalation_id,
        }
        _ADD_CARD.run(self._connection, added)

    def replace_card(self, card: Card) -> None:
        """Overwrite a card version; nothing happens if there is none."""
        self._connection.execute(
            update(cards)
            .where(
                cards.c.tenant == self._tenant,
                cards.c.escalation_id == card.escalation_id,
                cards.c.card_version == card.card_version,
                cards.c.month == month_of_escalation(self._tenant, str(card.escalation_id)),
            )
            .values(body=card)
        )

    def card(self, escalation_id: str, version: int | None = None) -> Card | None:
        """Return a card version, the latest where none is asked for."""
        this: dict[str, object] = {
            "this_tenant": self._tenant,
            "this_escalation_id": escalation_id,
            "this_card_version": version,
        }
        found = _LATEST_CARD if version is None else _CARD
        rows = found.rows(self._connection, this)
        return rows[0][0] if rows else None

    def card_versions(self, escalation_id: str) -> tuple[tuple[int, datetime], ...]:
        """Return the number and time of each card version, first to last."""
        rows = self._connection.execute(
            select(cards.c.card_version, cards.c.made_at)
            .where(
                cards.c.tenant == self._tenant,
                cards.c.escalation_id == escalation_id,
                cards.c.month == month_of_escalation(self._tenant, escalation_id),
            )
            .order_by(cards.c.card_version)
        )
        return tuple((version, at) for version, at in rows)

    def _all(self) -> Select[Any]:
        return select(*SHAPE.columns).where(table.c.tenant == self._tenant)

    def _open(self) -> Select[Any]:
        return self._all().where(still_open(table))

    def _open_of(self, customer_key: str) -> Iterable[Escalation]:
        """Return a customer's open escalations in no order.

        They are few. Sorted by the database they would be read through an index of the whole
        history that happens to be in that order.
        """
        statement = self._open().where(table.c.customer_key == customer_key)
        return (SHAPE.item(row) for row in self._connection.execute(statement))

"""Claiming what is due: live before record, tenants in turn, none for an account that rests.

Nothing is remembered between two claims but the tenant that was served last. What is due is found
by its state, never by a cursor over ids: a row that was committed late is seen like any other.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
)

from handoff.domain.delivery import Clock, Delivery, DeliveryState
from handoff.store.accounts import allowed, hold, known
from handoff.store.deliveries import SHAPE, rewrite
from handoff.store.prepared import Prepared
from handoff.store.tables import deliveries as table
from handoff.store.tables import sending, unsettled

ORDER = (table.c.due_at, table.c.created_at, table.c.delivery_id)
_ONE: ColumnElement[int] = literal_column("1", Integer)
_NONE: ColumnElement[int] = literal_column("0", Integer)
"""Written out: SQLite would make a nameless parameter of it."""


def free() -> ColumnElement[bool]:
    """Return the condition that no earlier delivery of the same escalation is in the way."""
    earlier: FromClause = table.alias("earlier")
    same = ("tenant", "escalation_id", "connector")
    return ~exists().where(
        *(earlier.c[name] == table.c[name] for name in same),
        unsettled(earlier),
        tuple_(earlier.c.created_at, earlier.c.delivery_id)
        < tuple_(table.c.created_at, table.c.delivery_id),
    )


def _claimable() -> ColumnElement[bool]:
    """Return the condition of what is due; a leased one was due before: its `due_at` says so."""
    return and_(
        unsettled(table),
        table.c.clock == bindparam("clock"),
        table.c.due_at <= bindparam("at"),
        or_(not_(sending(table)), table.c.lease_until <= bindparam("at")),
    )


def _accounts(after: ColumnElement[bool]) -> Prepared:
    """Return the statement of the next account that has something to come."""
    return Prepared(
        select(table.c.tenant, table.c.connector)
        .where(unsettled(table), table.c.clock == bindparam("clock"), after)
        .order_by(table.c.tenant, table.c.connector)
        .limit(_ONE)
        .offset(_NONE)
    )


_ANY = Prepared(select(table.c.delivery_id).where(_claimable()).limit(_ONE).offset(_NONE))
_NEXT_CONNECTOR = _accounts(
    and_(table.c.tenant == bindparam("tenant"), table.c.connector > bindparam("connector"))
)
_NEXT_TENANT = _accounts(table.c.tenant > bindparam("tenant"))
_DUE: Select[Any] = (
    select(*SHAPE.columns)
    .where(
        _claimable(),
        table.c.tenant == bindparam("tenant"),
        table.c.connector == bindparam("connector"),
        free(),
    )
    .order_by(*ORDER)
    .limit(bindparam("most", type_=Integer))
    .offset(_NONE)
    # Two processes never wait for each other's rows, where the database locks rows.
    .with_for_update(of=table, key_share=True, skip_locked=True)
)
_DUE_OF = Prepared(_DUE)


class Claims:
    """Claims of one transaction."""

    def __init__(
        self,
        connection: Connection,
        at: datetime,
        token: Callable[[], str],
        lease: timedelta,
        rooms: Mapping[tuple[str, str], int],
    ) -> None:
        """Look at which accounts rest; `rooms` bounds how many are taken of some."""
        self._connection = connection
        self._at = at
        self._token = token
        self._lease = lease
        self._accounts = known(connection)
        self._rooms = dict(rooms)

    def take(self, clock: Clock, most: int, after: str) -> list[Delivery]:
        """Lease up to `most` that are due on a clock, a tenant after the other, after `after`."""
        if most <= 0 or not _ANY.rows(self._connection, {"clock": clock, "at": self._at}):
            return []
        due: dict[str, list[Delivery]] = {}
        for tenant, connector in self._ring(clock, after):
            if tenant not in due and len(due) == most:
                break  # each of these tenants gets one
            found = self._due(clock, tenant, connector, most)
            if found:
                due.setdefault(tenant, []).extend(found)
        turns = zip_longest(*(sorted(found, key=_order) for found in due.values()))
        in_turn = (one for turn in turns for one in turn if one is not None)
        leased = (self._leased(one) for one, _ in zip(in_turn, range(most), strict=False))
        return [one for one in leased if one is not None]

    def _ring(self, clock: Clock, after: str) -> Iterator[tuple[str, str]]:
        """Yield every account that has something to come, the tenants after `after` first."""
        for start, end in ((after, None), ("", after)):
            told: dict[str, object] = {"clock": clock, "tenant": start, "connector": ""}
            while rows := _NEXT_TENANT.rows(self._connection, told):
                tenant, connector = rows[0]
                if end is not None and tenant > end:
                    break
                yield tenant, connector
                told = {"clock": clock, "tenant": tenant, "connector": connector}
                while rows := _NEXT_CONNECTOR.rows(self._connection, told):
                    yield tenant, rows[0][1]
                    told["connector"] = rows[0][1]

    def _due(self, clock: Clock, tenant: str, connector: str, most: int) -> list[Delivery]:
        room = self._rooms.get((tenant, connector), most)
        limit = allowed(self._accounts.get((tenant, connector)), self._at, min(most, room))
        if limit == 0:
            return []
        told = {"clock": clock, "at": self._at, "tenant": tenant, "connector": connector}
        rows = _DUE_OF.rows(self._connection, {**told, "most": limit})
        return [SHAPE.item(row) for row in rows]

    def _leased(self, found: Delivery) -> Delivery | None:
        """Lease one; None where it would be the second that probes its account.

        One whose lease lapsed was being sent when its sender died: it comes back as `unknown`.
        """
        until = self._at + self._lease
        key = (found.tenant, found.connector)
        account = self._accounts.get(key)
        if account is not None and account.is_open:
            if account.rests(self._at) or not hold(self._connection, account, self._at, until):
                return None
            self._accounts[key] = replace(account, paused_until=until)
        if key in self._rooms:
            self._rooms[key] -= 1
        leased = replace(
            found,
            state=DeliveryState.SENDING,
            attempt_token=self._token(),
            lease_until=until,
            attempts=found.attempts + 1,
            starts=found.starts + 1,
        )
        rewrite(self._connection, leased)
        sure = found.state is DeliveryState.PENDING
        return leased if sure else replace(leased, state=DeliveryState.UNKNOWN)


def _order(delivery: Delivery) -> tuple[datetime, datetime, str]:
    return delivery.due_at, delivery.created_at, delivery.delivery_id

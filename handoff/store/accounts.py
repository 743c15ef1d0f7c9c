"""Accounts in the database: which outside systems rest, for whom, and until when."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    select,
    update,
)

from handoff.domain.account import OPENS_AT, Account
from handoff.store.locking import Held, hold_name
from handoff.store.prepared import Additions, Prepared, these
from handoff.store.shape import Shape
from handoff.store.tables import metadata
from handoff.store.types import Instant

table = Table(
    "accounts",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("paused_until", Instant),
    Column("why", Text),
    PrimaryKeyConstraint("tenant", "connector"),
)
"""A row only where an outside system once did not answer a tenant."""
SHAPE = Shape(table, Account)

_ALL = Prepared(select(*SHAPE.columns))
_ONE = Held(select(*SHAPE.columns).where(these(table, "tenant", "connector")), table)
_SAVE = Additions(table, SHAPE.names, key=("tenant", "connector"), but=("tenant", "connector"))
_HOLD = Prepared(
    update(table)
    .where(
        these(table, "tenant", "connector"),
        table.c.paused_until <= bindparam("at", type_=table.c.paused_until.type),
    )
    .values(paused_until=bindparam("until", type_=table.c.paused_until.type))
)


class SqlAccounts:
    """One tenant's accounts."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def get(self, connector: str) -> Account:
        """Return the account at a connector; without a row, one of which nothing is known."""
        this = {"this_tenant": self._tenant, "this_connector": connector}
        rows = _ONE.rows(self._connection, this)
        return SHAPE.item(rows[0]) if rows else Account(self._tenant, connector)

    def held(self, connector: str) -> Account:
        """Return the account as it is while nobody else changes it, until the commit."""
        hold_name(self._connection, "account", self._tenant, connector)
        this = {"this_tenant": self._tenant, "this_connector": connector}
        rows = _ONE.held(self._connection, this)
        return SHAPE.item(rows[0]) if rows else Account(self._tenant, connector)

    def save(self, account: Account) -> None:
        """Keep the account in place of what was kept."""
        _SAVE.run(self._connection, [SHAPE.values(replace(account, tenant=self._tenant))])


def known(connection: Connection) -> dict[tuple[str, str], Account]:
    """Return every account that has a row, by tenant and connector."""
    found = (SHAPE.item(row) for row in _ALL.rows(connection, {}))
    return {(one.tenant, one.connector): one for one in found}


def allowed(account: Account | None, at: datetime, most: int) -> int:
    """Return how many deliveries may be sent to an account now: all, a single probe or none."""
    if account is None:
        return most
    if account.rests(at):
        return 0
    return min(most, 1) if account.failures >= OPENS_AT else most


def hold(connection: Connection, account: Account, at: datetime, until: datetime) -> bool:
    """Let an account rest on while it is probed; return False if somebody else probes it."""
    this = {"this_tenant": account.tenant, "this_connector": account.connector}
    return _HOLD.run(connection, {**this, "at": at, "until": until}) > 0

"""Registered webhooks in the database; of their secrets only what a box closed."""

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from handoff.domain.records import Listed, Page
from handoff.domain.webhooks import StoredWebhook
from handoff.store.locking import held, hold_name
from handoff.store.paging import Order, listed
from handoff.store.shape import Shape
from handoff.store.side_tables import Names
from handoff.store.tables import metadata
from handoff.store.types import Instant

table = Table(
    "webhooks",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("webhook_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("queues", Names, nullable=False),
    Column("secret", Text, nullable=False),
    Column("secret_before", Text),
    Column("before_until", Instant),
    Column("rotated_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "webhook_id"),
    Index("webhooks_created", "tenant", "created_at", "webhook_id"),
)

SHAPE = Shape(table, StoredWebhook)
NEWEST = Order("webhooks", (table.c.created_at, table.c.webhook_id), newest_first=True)


class SqlWebhooks:
    """One tenant's webhooks."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def add(self, webhook: StoredWebhook) -> None:
        """Add a webhook; raise Conflict if its id is taken."""
        self._connection.execute(insert(table), SHAPE.values(webhook, tenant=self._tenant))

    def get(self, webhook_id: str) -> StoredWebhook | None:
        """Return a webhook, None if there is none; whoever writes holds it until the commit."""
        statement = select(*SHAPE.columns).where(*self._this(webhook_id))
        row = self._connection.execute(held(self._connection, statement)).first()
        return None if row is None else SHAPE.item(row)

    def list(self, page: Page) -> Listed[StoredWebhook]:
        """Return webhooks, the one registered last first."""
        statement = select(*SHAPE.columns).where(table.c.tenant == self._tenant)
        return listed(self._connection, self._tenant, statement, NEWEST, page, SHAPE.item)

    def count(self) -> int:
        """Return how many there are; who writes is the only one to count until the commit."""
        hold_name(self._connection, "webhooks", self._tenant)
        counted = select(func.count()).select_from(table).where(table.c.tenant == self._tenant)
        return self._connection.execute(counted).scalar_one()

    def save(self, webhook: StoredWebhook) -> None:
        """Write it over what is stored under its id."""
        self._connection.execute(
            update(table).where(*self._this(webhook.webhook_id)).values(SHAPE.values(webhook))
        )

    def remove(self, webhook_id: str) -> None:
        """Let it go."""
        self._connection.execute(delete(table).where(*self._this(webhook_id)))

    def _this(self, webhook_id: str) -> tuple[ColumnElement[bool], ...]:
        return table.c.tenant == self._tenant, table.c.webhook_id == webhook_id


def all_webhooks(connection: Connection) -> tuple[tuple[str, StoredWebhook], ...]:
    """Return every tenant's webhooks with whose they are, in the order they were registered."""
    rows = connection.execute(
        select(table.c.tenant, *SHAPE.columns).order_by(*NEWEST.by, table.c.tenant)
    )
    return tuple((row[0], SHAPE.item(row[1:])) for row in rows)

"""Deliveries in the database: one tenant's outbox rows, as they are added, read and replayed."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from handoff.domain.delivery import Delivery, DeliveryState
from handoff.domain.records import Listed, Page
from handoff.store.locking import held
from handoff.store.paging import Order, listed
from handoff.store.prepared import Prepared, addition, these
from handoff.store.shape import Shape
from handoff.store.tables import UNSETTLED, unconfirmed
from handoff.store.tables import deliveries as table

SHAPE = Shape(table, Delivery)
NEWEST = Order("deliveries", (table.c.created_at, table.c.delivery_id), newest_first=True)
FIXED = ("tenant", "delivery_id", "escalation_id", "connector", "event", "clock", "created_at")

_ADD = addition(table)
_OF = Prepared(select(*SHAPE.columns).where(these(table, "tenant", "escalation_id")))


_REWRITE = (
    update(table)
    .where(these(table, "tenant", "delivery_id"))
    .values({name: bindparam(name) for name in SHAPE.names if name not in FIXED})
)
_ANY = Prepared(_REWRITE)
_OURS = Prepared(_REWRITE.where(these(table, "attempt_token")))


def rewrite(connection: Connection, delivery: Delivery, *, token: str | None = None) -> bool:
    """Write all that changes of a delivery; return False if it is not there, or not `token`'s."""
    values = SHAPE.values(
        delivery,
        this_tenant=delivery.tenant,
        this_delivery_id=delivery.delivery_id,
        this_attempt_token=token,
    )
    return (_ANY if token is None else _OURS).run(connection, values) > 0


class SqlDeliveries:
    """One tenant's deliveries."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def add(self, delivery: Delivery) -> None:
        """Add a delivery; raise Conflict if the same event is on its way to the same connector."""
        _ADD.run(self._connection, SHAPE.values(delivery) | {"tenant": self._tenant})

    def get(self, delivery_id: str) -> Delivery | None:
        """Return the delivery, None if there is none of this id."""
        statement = self._all().where(table.c.delivery_id == delivery_id)
        row = self._connection.execute(held(self._connection, statement)).first()
        return None if row is None else SHAPE.item(row)

    def of(self, escalation_id: str) -> tuple[Delivery, ...]:
        """Return an escalation's deliveries, oldest first."""
        this = {"this_tenant": self._tenant, "this_escalation_id": escalation_id}
        found = (SHAPE.item(row) for row in _OF.rows(self._connection, this))
        return tuple(sorted(found, key=lambda one: (one.created_at, one.delivery_id)))

    def list(
        self, state: DeliveryState | None, connector: str | None, page: Page
    ) -> Listed[Delivery]:
        """Return a page of deliveries, newest first."""
        statement = self._all()
        if state is not None:
            statement = statement.where(table.c.state == state)
            if state is not DeliveryState.CONFIRMED:
                statement = statement.where(unconfirmed(table))
        if connector is not None:
            statement = statement.where(table.c.connector == connector)
        return listed(self._connection, self._tenant, statement, NEWEST, page, SHAPE.item)

    def settle(self, delivery: Delivery, token: str) -> bool:
        """Write a result where the attempt token is still ours; False means a late observation."""
        ours = replace(delivery, tenant=self._tenant)
        return rewrite(self._connection, ours, token=token)

    def replay(self, delivery_id: str, at: datetime) -> Delivery | None:
        """Make a settled or dead delivery due again with a fresh schedule; None if unknown.

        One that is still on its way is returned as it is.
        """
        delivery = self.get(delivery_id)
        if delivery is None or delivery.state in UNSETTLED:
            return delivery
        again = replace(
            delivery,
            state=DeliveryState.PENDING,
            due_at=at,
            attempts=0,
            starts=0,
            attempt_token=None,
            lease_until=None,
            error=None,
            settled_at=None,
        )
        rewrite(self._connection, again)
        return again

    def _all(self) -> Select[Any]:
        return select(*SHAPE.columns).where(table.c.tenant == self._tenant)

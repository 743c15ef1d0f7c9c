"""Answers kept for repeated requests, in the database, beside the effect they answer for."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from handoff.domain.records import Remembered
from handoff.store.shape import Shape
from handoff.store.side_tables import idempotency as table

SHAPE = Shape(table, Remembered)


class SqlIdempotency:
    """One tenant's kept answers."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def get(self, principal: str, route: str, key: str) -> Remembered | None:
        """Return the answer that was given under this key."""
        row = self._connection.execute(
            select(*SHAPE.columns).where(
                table.c.tenant == self._tenant,
                table.c.principal == principal,
                table.c.route == route,
                table.c.key == key,
            )
        ).first()
        return None if row is None else SHAPE.item(row)

    def put(self, principal: str, route: str, key: str, answer: Remembered, at: datetime) -> None:
        """Keep an answer; raise Conflict if the key has one."""
        mine = {"tenant": self._tenant, "principal": principal, "route": route, "key": key}
        self._connection.execute(insert(table), SHAPE.values(answer, **mine, at=at))

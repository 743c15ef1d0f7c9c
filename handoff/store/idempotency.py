"""Answers kept for repeated requests, in the database, beside the effect they answer for."""

from datetime import datetime

from sqlalchemy import Connection, select

from handoff.domain.records import Remembered
from handoff.store.prepared import Prepared, addition, these
from handoff.store.shape import Shape
from handoff.store.side_tables import idempotency as table

SHAPE = Shape(table, Remembered)
KEY = ("tenant", "principal", "route", "key")

_GET = Prepared(select(*SHAPE.columns).where(these(table, *KEY)))
_ADD = addition(table)


class SqlIdempotency:
    """One tenant's kept answers."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def get(self, principal: str, route: str, key: str) -> Remembered | None:
        """Return the answer that was given under this key."""
        mine = (self._tenant, principal, route, key)
        this = {f"this_{name}": value for name, value in zip(KEY, mine, strict=True)}
        rows = _GET.rows(self._connection, this)
        return SHAPE.item(rows[0]) if rows else None

    def put(self, principal: str, route: str, key: str, answer: Remembered, at: datetime) -> None:
        """Keep an answer; raise Conflict if the key has one."""
        mine = {"tenant": self._tenant, "principal": principal, "route": route, "key": key}
        _ADD.run(self._connection, SHAPE.values(answer, **mine, at=at))

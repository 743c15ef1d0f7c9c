"""Stories in the database: which are due, what was written, and what a tenant spent on them."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from handoff.domain.summary import Spent, Summary
from handoff.store.shape import Shape
from handoff.store.side_tables import summaries as table
from handoff.store.side_tables import summary_costs as costs

SHAPE = Shape(table, Summary)


class SqlSummaries:
    """One tenant's stories."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def get(self, conversation_id: str) -> Summary | None:
        """Return what is kept of a conversation's story, None if nothing is."""
        row = self._connection.execute(
            select(*SHAPE.columns).where(
                table.c.tenant == self._tenant, table.c.conversation_id == conversation_id
            )
        ).first()
        return None if row is None else SHAPE.item(row)

    def put(self, summary: Summary) -> None:
        """Keep it in place of what was kept."""
        row = SHAPE.values(replace(summary, tenant=self._tenant))
        changed = self._connection.execute(
            update(table)
            .where(
                table.c.tenant == self._tenant,
                table.c.conversation_id == summary.conversation_id,
            )
            .values(row)
        )
        if not changed.rowcount:
            self._connection.execute(insert(table), row)

    def claim(self, summary: Summary, until: datetime) -> bool:
        """Make it due again at `until`, one try on, where nobody else did; tell whether it was."""
        claimed = self._connection.execute(
            update(table)
            .where(
                table.c.tenant == self._tenant,
                table.c.conversation_id == summary.conversation_id,
                table.c.due_at == summary.due_at,
                table.c.tries == summary.tries,
            )
            .values(due_at=until, tries=summary.tries + 1)
        )
        return claimed.rowcount > 0

    def spend(self, at: datetime, spent: Spent) -> None:
        """Add to what was spent in the hour of `at`."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        added = self._connection.execute(
            update(costs)
            .where(costs.c.tenant == self._tenant, costs.c.hour == hour)
            .values(calls=costs.c.calls + spent.calls, tokens=costs.c.tokens + spent.tokens)
        )
        if not added.rowcount:
            row = {"tenant": self._tenant, "hour": hour}
            row |= {"calls": spent.calls, "tokens": spent.tokens}
            self._connection.execute(insert(costs), row)

    def spent(self, since: datetime) -> Spent:
        """Return what was spent in the hours that began at `since` or later."""
        calls, tokens = self._connection.execute(
            select(func.sum(costs.c.calls), func.sum(costs.c.tokens)).where(
                costs.c.tenant == self._tenant, costs.c.hour >= since
            )
        ).one()
        return Spent(int(calls or 0), int(tokens or 0))

"""How cards were used, in the database: human turns held against them, and ratings."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, select

from handoff.domain.card_use import CardUse, Heard, Rating
from handoff.store.escalations import month_of_escalation
from handoff.store.shape import Shape
from handoff.store.side_tables import card_ratings, human_turns
from handoff.store.tables import conversations, escalations

HEARD = Shape(human_turns, Heard)
RATED = Shape(card_ratings, Rating)


class SqlCardUses:
    """How one tenant's cards were used."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def hear(self, heard: Heard) -> None:
        """Keep what a turn asked; a later revision of the turn replaces it."""
        self._put(human_turns, HEARD.values(heard), ("escalation_id", "turn_id"))

    def rate(self, rating: Rating) -> None:
        """Keep a person's rating of a card version in the place of an earlier one."""
        self._put(card_ratings, RATED.values(rating), ("escalation_id", "card_version", "by"))

    def heard(self, escalation_id: str) -> tuple[Heard, ...]:
        """Return the human's turns in order."""
        table = human_turns.c
        rows = self._connection.execute(
            select(*HEARD.columns)
            .where(*self._of(human_turns, escalation_id))
            .order_by(table.turn_index, table.turn_id)
        )
        return tuple(map(HEARD.item, rows))

    def ratings(self, escalation_id: str) -> tuple[Rating, ...]:
        """Return the ratings of all versions, oldest first."""
        table = card_ratings.c
        rows = self._connection.execute(
            select(*RATED.columns)
            .where(*self._of(card_ratings, escalation_id))
            .order_by(table.at, table.by, table.card_version)
        )
        return tuple(map(RATED.item, rows))

    def uses(self, since: datetime | None, until: datetime | None) -> Iterator[CardUse]:
        """Yield each accepted escalation of the conversations started in the window."""
        it = escalations.c
        of_conversation = and_(
            it.tenant == conversations.c.tenant,
            it.conversation_id == conversations.c.conversation_id,
        )
        rows = self._connection.execute(
            select(it.escalation_id, it.job, it.intent, it.queue, it.card_version, it.month)
            .select_from(conversations.join(escalations, of_conversation))
            .where(
                conversations.c.tenant == self._tenant,
                *([conversations.c.started_at >= since] if since is not None else ()),
                *([conversations.c.started_at < until] if until is not None else ()),
                it.accepted_at.is_not(None),
            )
        ).all()
        heard = self._by_escalation(HEARD, human_turns, rows)
        rated = self._by_escalation(RATED, card_ratings, rows)
        for escalation_id, job, intent, queue, version, _ in rows:
            yield CardUse(
                job=job,
                intent=intent,
                queue=queue,
                card_version=version,
                heard=tuple(heard.get(escalation_id, ())),
                ratings=tuple(rated.get(escalation_id, ())),
            )

    def _put(self, table: Table, values: dict[str, object], key: tuple[str, ...]) -> None:
        escalation_id = str(values["escalation_id"])
        month = month_of_escalation(self._tenant, escalation_id)
        same = [table.c[name] == values[name] for name in key]
        self._connection.execute(delete(table).where(*self._of(table, escalation_id), *same))
        self._connection.execute(
            insert(table).values({**values, "tenant": self._tenant, "month": month})
        )

    def _of(self, table: Table, escalation_id: str) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions of an escalation's rows, which lie in one month."""
        return (
            table.c.tenant == self._tenant,
            table.c.escalation_id == escalation_id,
            table.c.month == month_of_escalation(self._tenant, escalation_id),
        )

    def _by_escalation(
        self, shape: Shape[Any], table: Table, accepted: Any
    ) -> dict[str, list[Any]]:
        """Return a table's items by escalation; of the same months others are few."""
        wanted, months = {row[0] for row in accepted}, {row[5] for row in accepted}
        found: dict[str, list[Any]] = {}
        statement = select(*shape.columns).where(
            table.c.tenant == self._tenant, table.c.month.in_(sorted(months))
        )
        for row in self._connection.execute(statement) if wanted else ():
            item = shape.item(row)
            if item.escalation_id in wanted:
                found.setdefault(item.escalation_id, []).append(item)
        return found

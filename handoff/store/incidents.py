"""Incidents in the database, and the counting by cause that opens and closes them."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from handoff.domain.escalation import State
from handoff.domain.incident import Incident
from handoff.domain.records import Listed, Page, Standing
from handoff.store.locking import hold_name, holds
from handoff.store.paging import Order, listed
from handoff.store.prepared import Prepared, these
from handoff.store.shape import Shape
from handoff.store.side_tables import going_on
from handoff.store.side_tables import incidents as table
from handoff.store.tables import escalations, still_open

SHAPE = Shape(table, Incident)
NEWEST = Order("incidents", (table.c.opened_at, table.c.incident_id), newest_first=True)


_OPEN_OF = Prepared(select(*SHAPE.columns).where(these(table, "tenant", "cause"), going_on()))
_CAME = Prepared(
    select(func.count()).where(
        these(escalations, "tenant", "cause"), escalations.c.opened_at >= bindparam("since")
    )
)


class SqlIncidents:
    """One tenant's incidents."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant
        self._mine = escalations.c.tenant == tenant

    def get(self, incident_id: str) -> Incident | None:
        """Return the incident, None if there is none of this id."""
        statement = select(*SHAPE.columns).where(
            table.c.tenant == self._tenant, table.c.incident_id == incident_id
        )
        row = self._connection.execute(statement).first()
        if row is not None and holds(self._connection):
            self._hold(SHAPE.item(row).cause)
            row = self._connection.execute(statement).first()
        return None if row is None else SHAPE.item(row)

    def open_of(self, cause: str) -> Incident | None:
        """Return the incident of a cause that goes on; who opens for the cause does it by turns."""
        self._hold(cause)
        mine = {"this_tenant": self._tenant, "this_cause": cause}
        rows = _OPEN_OF.rows(self._connection, mine)
        return SHAPE.item(rows[0]) if rows else None

    def add(self, incident: Incident) -> None:
        """Add an incident; raise Conflict if its cause has an open one."""
        self._connection.execute(insert(table), SHAPE.values(incident) | {"tenant": self._tenant})

    def save(self, incident: Incident) -> None:
        """Write an incident that is there."""
        self._connection.execute(
            update(table)
            .where(table.c.tenant == self._tenant, table.c.incident_id == incident.incident_id)
            .values(SHAPE.values(incident) | {"tenant": self._tenant})
        )

    def _hold(self, cause: str) -> None:
        hold_name(self._connection, "cause", self._tenant, cause)

    def list(self, *, still_open: bool, page: Page) -> Listed[Incident]:
        """Return a page of incidents, newest first."""
        statement = select(*SHAPE.columns).where(table.c.tenant == self._tenant)
        if still_open:
            statement = statement.where(going_on())
        return listed(self._connection, self._tenant, statement, NEWEST, page, SHAPE.item)

    def came(self, cause: str, since: datetime) -> int:
        """Return how many escalations of a cause were opened at or after an instant."""
        mine = {"this_tenant": self._tenant, "this_cause": cause, "since": since}
        return int(_CAME.rows(self._connection, mine)[0][0])

    def usual(self, cause: str, since: datetime, until: datetime) -> int:
        """Return how many were opened between two instants without being of an incident."""
        counted = select(func.count()).where(
            self._mine,
            escalations.c.cause == cause,
            escalations.c.opened_at >= since,
            escalations.c.opened_at < until,
            escalations.c.incident_id.is_(None),
        )
        return self._connection.execute(counted).scalar_one()

    def latest(self, cause: str, nth: int) -> datetime | None:
        """Return when the nth latest escalation of a cause was opened."""
        return self._connection.execute(
            select(escalations.c.opened_at)
            .where(self._mine, escalations.c.cause == cause)
            .order_by(escalations.c.opened_at.desc())
            .offset(nth - 1)
            .limit(1)
        ).scalar()

    def slots(self, cause: str, queue: str, most: int) -> tuple[datetime, ...]:
        """Return the latest slots that were given in a queue, the latest first."""
        rows = self._connection.execute(
            select(escalations.c.slot_at)
            .where(
                self._mine,
                escalations.c.cause == cause,
                escalations.c.queue == queue,
                escalations.c.slot_at.is_not(None),
            )
            .order_by(escalations.c.slot_at.desc())
            .limit(most)
        )
        return tuple(rows.scalars())

    def join(self, incident: Incident, since: datetime) -> int:
        """Make the cause's escalations since then the incident's; return how many."""
        joined = self._connection.execute(
            update(escalations)
            .where(
                self._mine,
                escalations.c.cause == incident.cause,
                escalations.c.opened_at >= since,
                escalations.c.incident_id.is_(None),
            )
            .values(incident_id=incident.incident_id)
        )
        return joined.rowcount

    def first(self, incident_id: str) -> str | None:
        """Return the id of the incident's oldest escalation."""
        return self._connection.execute(
            select(escalations.c.escalation_id)
            .where(self._mine, escalations.c.incident_id == incident_id)
            .order_by(escalations.c.opened_at, escalations.c.escalation_id)
            .limit(1)
        ).scalar()

    def standing(self, incident_id: str) -> Standing:
        """Return where the open escalations of an incident are."""
        rows = self._connection.execute(
            select(escalations.c.state, func.count(), func.max(escalations.c.contact_at))
            .where(self._mine, escalations.c.incident_id == incident_id, still_open(escalations))
            .group_by(escalations.c.state)
        )
        found = {state: (number, contact_at) for state, number, contact_at in rows}
        held, contact_at = found.pop(State.DEFERRED, (0, None))
        found.pop(State.ABANDONED, None)
        waiting = sum(found.pop(state, (0, None))[0] for state in (State.QUEUED, State.RESERVED))
        return Standing(waiting, held, sum(number for number, _ in found.values()), contact_at)

"""The auditor in the database: what it looks at, whose turn it is, and what it found."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from handoff.domain.account import Account
from handoff.domain.delivery import Delivery, DeliveryState
from handoff.domain.escalation import Escalation
from handoff.domain.finding import Damage, Finding, Looked, Seen
from handoff.store import deliveries, escalations
from handoff.store.accounts import known
from handoff.store.shape import Shape
from handoff.store.side_tables import audit_entries
from handoff.store.tables import deliveries as sent
from handoff.store.tables import escalations as table
from handoff.store.tables import metadata, sending, still_open
from handoff.store.types import Instant, Word

findings = Table(
    "findings",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("damage", Word(Damage), nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("mended_at", Instant),
    PrimaryKeyConstraint("tenant", "damage", "subject", "detail", "found_at"),
)
audits = Table(
    "audits",
    metadata,
    Column("name", Text, nullable=False),
    Column("next_at", Instant, nullable=False),
    PrimaryKeyConstraint("name"),
)
"""When each audit is next: who writes that has the turn. Of no tenant, like what is looked at."""
SHAPE = Shape(findings, Finding)
STUCK = "stuck"


class SqlAuditing:
    """What the auditor reads and keeps, of all tenants, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def begin(self, at: datetime, until: datetime) -> bool:
        """Take the turn: True for one process until `until`, and for none before that again.

        Its row is made anew where it is gone: nobody would look for what is stuck again.
        """
        due = (audits.c.name == STUCK, audits.c.next_at <= at)
        taken = self._connection.execute(update(audits).where(*due).values(next_at=until))
        if taken.rowcount:
            return True
        there = select(audits.c.name).where(audits.c.name == STUCK)
        if self._connection.execute(there).first() is not None:
            return False
        self._connection.execute(insert(audits).values(name=STUCK, next_at=until))
        return True

    def open_ones(self, after: tuple[str, str], limit: int) -> Seen:
        """Return a page of those that are open, with all that is looked at."""
        key = (table.c.tenant, table.c.escalation_id)
        statement = (
            select(*escalations.SHAPE.columns)
            .where(still_open(table), tuple_(*key) > tuple_(*after))
            .order_by(*key)
            .limit(limit)
        )
        return self._seen(statement, limit)

    def closed_since(self, at: datetime, limit: int) -> Seen:
        """Return those that closed since, the latest first."""
        statement = (
            select(*escalations.SHAPE.columns)
            .where(table.c.closed_at.is_not(None), table.c.closed_at >= at)
            .order_by(table.c.closed_at.desc())
            .limit(limit)
        )
        return self._seen(statement, limit)

    def sending(self) -> tuple[Delivery, ...]:
        """Return the deliveries that are being sent."""
        rows = self._connection.execute(select(*deliveries.SHAPE.columns).where(sending(sent)))
        return tuple(deliveries.SHAPE.item(row) for row in rows)

    def accounts(self) -> tuple[Account, ...]:
        """Return every account of which something is known."""
        return tuple(known(self._connection).values())

    def free(self, delivery: Delivery) -> bool:
        """Write a delivery that is sent under no lease as one to be looked up; False if it is."""
        changed = self._connection.execute(
            update(sent)
            .where(
                sent.c.tenant == delivery.tenant,
                sent.c.delivery_id == delivery.delivery_id,
                sending(sent),
                sent.c.lease_until.is_(None),
            )
            .values(state=DeliveryState.UNKNOWN, attempt_token=None)
        )
        return changed.rowcount > 0

    def keep(self, found: Iterable[Finding]) -> None:
        """Keep what is found now in place of what was found and not mended; mends are kept."""
        rows = {(one.tenant, one.damage, one.subject, one.detail): one for one in found}
        known_since = {
            row[:4]: row[4]
            for row in self._connection.execute(
                select(*SHAPE.columns).where(findings.c.mended_at.is_(None))
            )
        }
        self._connection.execute(delete(findings).where(findings.c.mended_at.is_(None)))
        for key, one in rows.items():
            since = known_since.get(key, one.found_at)
            self._connection.execute(
                insert(findings).values(SHAPE.values(one) | {"found_at": since})
            )

    def counts(self) -> dict[tuple[Damage, bool], int]:
        """Return how many there are by damage, and whether mended."""
        mended = findings.c.mended_at.is_not(None)
        counted = select(findings.c.damage, mended, func.count()).group_by(
            findings.c.damage, mended
        )
        return {(row[0], bool(row[1])): row[2] for row in self._connection.execute(counted)}

    def _seen(self, statement: Select[Any], limit: int) -> Seen:
        found = [escalations.SHAPE.item(row) for row in self._connection.execute(statement)]
        around = _Around()
        for tenant in {one.tenant for one in found}:
            ids = [one.escalation_id for one in found if one.tenant == tenant]
            around.look(self._connection, tenant, ids)
        last = found[-1] if len(found) == limit else None
        next_page = (last.tenant, last.escalation_id) if last else None
        return Seen(tuple(around.of(one) for one in found), next_page)


Key = tuple[str, str]


class _Around:
    """The deliveries and audit entries of some escalations."""

    def __init__(self) -> None:
        self._sent: dict[Key, list[Delivery]] = defaultdict(list)
        self._versions: dict[Key, set[int]] = defaultdict(set)
        self._connectors: dict[Key, tuple[str, ...]] = {}

    def look(self, connection: Connection, tenant: str, ids: Sequence[str]) -> None:
        """Read what belongs to some escalations of a tenant."""
        for row in connection.execute(
            select(*deliveries.SHAPE.columns).where(
                sent.c.tenant == tenant, sent.c.escalation_id.in_(ids)
            )
        ):
            delivery = deliveries.SHAPE.item(row)
            self._sent[tenant, delivery.escalation_id].append(delivery)
        entries = audit_entries.c
        for subject, version, action, details in connection.execute(
            select(entries.subject, entries.version, entries.action, entries.details).where(
                entries.tenant == tenant, entries.subject.in_(ids), entries.version.is_not(None)
            )
        ):
            self._versions[tenant, subject].add(version)
            if action == "opened":
                self._connectors[tenant, subject] = tuple(details.get("connectors", ()))

    def of(self, escalation: Escalation) -> Looked:
        """Return an escalation with what belongs to it."""
        key = (escalation.tenant, escalation.escalation_id)
        versions = tuple(sorted(self._versions[key]))
        return Looked(escalation, tuple(self._sent[key]), versions, self._connectors.get(key, ()))


class SqlFindings:
    """One tenant's findings."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def list(self, limit: int) -> tuple[Finding, ...]:
        """Return what is wrong now, and then what was mended, the latest first."""
        statement = (
            select(*SHAPE.columns)
            .where(findings.c.tenant == self._tenant)
            .order_by(findings.c.mended_at.is_not(None), findings.c.found_at.desc())
            .limit(limit)
        )
        return tuple(SHAPE.item(row) for row in self._connection.execute(statement))

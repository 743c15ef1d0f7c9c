"""Versions of policies and the history of what was in force, in the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, insert, literal, select

from handoff.domain.policies import Activation, StoredPolicy
from handoff.domain.records import Listed, Page
from handoff.store.paging import Order, listed
from handoff.store.shape import Shape
from handoff.store.side_tables import activations, policies

POLICY = Shape(policies, StoredPolicy)
ACTIVATION = Shape(activations, Activation)
NEWEST = Order("policies", (policies.c.added_at, policies.c.version), newest_first=True)


class SqlPolicies:
    """One tenant's versions, and which of them was in force when."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def add(self, policy: StoredPolicy) -> None:
        """Add a version; raise Conflict if it is there."""
        values = POLICY.values(policy, tenant=self._tenant)
        self._connection.execute(insert(policies), values)

    def get(self, version: str) -> StoredPolicy | None:
        """Return a version, None if there is none."""
        row = self._connection.execute(
            select(*POLICY.columns).where(
                policies.c.tenant == self._tenant, policies.c.version == version
            )
        ).first()
        return None if row is None else POLICY.item(row)

    def list(self, page: Page) -> Listed[StoredPolicy]:
        """Return versions, the one added last first, without their text."""
        told = [literal("") if c is policies.c.text else c for c in POLICY.columns]
        statement = select(*told).where(policies.c.tenant == self._tenant)
        return listed(self._connection, self._tenant, statement, NEWEST, page, _policy)

    def activate(self, activation: Activation) -> None:
        """Add to the history; raise Conflict if somebody else took the sequence."""
        values = ACTIVATION.values(activation, tenant=self._tenant)
        self._connection.execute(insert(activations), values)

    def history(self) -> tuple[Activation, ...]:
        """Return every activation, oldest first."""
        rows = self._connection.execute(
            select(*ACTIVATION.columns)
            .where(activations.c.tenant == self._tenant)
            .order_by(activations.c.sequence)
        )
        return tuple(ACTIVATION.item(row) for row in rows)


def policies_in_force(connection: Connection) -> dict[str, Activation]:
    """Return tenant to its newest activation, for those that have one."""
    newest = (
        select(activations.c.tenant, func.max(activations.c.sequence).label("sequence"))
        .group_by(activations.c.tenant)
        .subquery()
    )
    rows = connection.execute(
        select(activations.c.tenant, *ACTIVATION.columns).join(
            newest,
            and_(
                activations.c.tenant == newest.c.tenant,
                activations.c.sequence == newest.c.sequence,
            ),
        )
    )
    return {row[0]: ACTIVATION.item(row[1:]) for row in rows}


def _policy(row: Sequence[Any]) -> StoredPolicy:
    return POLICY.item(row)

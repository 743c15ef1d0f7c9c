"""What is due over all tenants: deliveries to claim, timers, and who a key or login belongs to."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Table,
    bindparam,
    func,
    literal_column,
    not_,
    select,
    update,
)

from handoff.domain.account import Account
from handoff.domain.delivery import LEASE, Clock, Delivery, DeliveryState
from handoff.domain.escalation import State
from handoff.domain.policies import Activation
from handoff.domain.records import ApiKey, Due, Session
from handoff.domain.webhooks import StoredWebhook
from handoff.domain.worklist import NO_BOUNDS
from handoff.store.access import KEY, SESSION
from handoff.store.accounts import known
from handoff.store.ageing import SqlAgeing
from handoff.store.claims import Claims
from handoff.store.deliveries import rewrite
from handoff.store.findings import SqlAuditing
from handoff.store.policies import policies_in_force
from handoff.store.prepared import Prepared
from handoff.store.side_tables import api_keys, going_on, incidents, sessions, summaries, wanted
from handoff.store.tables import deliveries as table
from handoff.store.tables import escalations, sending, still_open, unconfirmed, unsettled
from handoff.store.webhooks import all_webhooks

_NONE: ColumnElement[int] = literal_column("0", Integer)
"""Written out: SQLite would make a nameless parameter of it."""
_NEXT_DUE = Prepared(
    select(table.c.due_at)
    .where(
        unsettled(table),
        table.c.clock == bindparam("clock"),
        table.c.due_at > bindparam("at"),
        not_(sending(table)),
    )
    .order_by(table.c.due_at)
    .limit(literal_column("1"))
    .offset(_NONE)
)
_NEXT_LAPSE = Prepared(
    select(table.c.lease_until)
    .where(sending(table), table.c.lease_until > bindparam("at"))
    .order_by(table.c.lease_until)
    .limit(literal_column("1"))
    .offset(_NONE)
)


def _timers(source: Table, subject: str, is_open: ColumnElement[bool]) -> tuple[Prepared, Prepared]:
    """Return the statements of a table's due timers, and of when its next one is due."""
    due_at = source.c.due_at
    due = (
        select(source.c.tenant, source.c[subject], due_at)
        .where(is_open, due_at <= bindparam("at"))
        .order_by(due_at)
        .limit(bindparam("most", type_=Integer))
        .offset(_NONE)
    )
    return Prepared(due), Prepared(select(func.min(due_at)).where(is_open))


_TIMED = (
    (*_timers(escalations, "escalation_id", still_open(escalations)), False),
    (*_timers(incidents, "incident_id", going_on()), True),
)
"""What has timers: those due, the next one, and whether they are of incidents.

Prepared, for they are asked after every commit that wakes the engine, beside what it delivers.
"""


class SqlWorklist:
    """The work of every tenant, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self.connection = connection

    @property
    def ageing(self) -> SqlAgeing:
        """Return what is old."""
        return SqlAgeing(self.connection)

    @property
    def auditing(self) -> SqlAuditing:
        """Return what the auditor works with."""
        return SqlAuditing(self.connection)

    def claim_deliveries(
        self,
        at: datetime,
        limit: int,
        token: Callable[[], str],
        *,
        records: int | None = None,
        after: str = "",
        lease: timedelta = LEASE,
        rooms: Mapping[tuple[str, str], int] = NO_BOUNDS,
    ) -> tuple[Delivery, ...]:
        """Lease what is due, live before record, in order per escalation and connector.

        One whose lease lapsed was being sent when its sender died, so it comes back as `unknown`
        too.
        """
        claims = Claims(self.connection, at, token, lease, rooms)
        live = claims.take(Clock.LIVE, limit, after)
        left = limit - len(live)
        most = left if records is None else min(left, records)
        return (*live, *claims.take(Clock.RECORD, most, after))

    def give_back(self, delivery: Delivery, token: str) -> bool:
        """Write a leased delivery as it is to be taken up again; False if it is not `token`'s."""
        return rewrite(self.connection, delivery, token=token)

    def heartbeat(self, delivery_id: str, token: str, lease_until: datetime) -> bool:
        """Prolong a lease that is still ours; return False if it is not."""
        held = self.connection.execute(
            update(table)
            .where(
                sending(table),
                table.c.delivery_id == delivery_id,
                table.c.attempt_token == token,
            )
            .values(lease_until=lease_until)
        )
        return held.rowcount > 0

    def next_delivery_at(self, at: datetime) -> datetime | None:
        """Return when something more can be claimed than now, if nothing changes until then.

        What is due already and was not claimed waits for another delivery or for its account.
        """
        told = {"at": at}
        found = [_NEXT_DUE.rows(self.connection, {**told, "clock": clock}) for clock in Clock]
        found.append(_NEXT_LAPSE.rows(self.connection, told))
        moments = [row[0] for rows in found for row in rows]
        moments += [account.paused_until for account in self.resting(at)]
        return min((moment for moment in moments if moment is not None), default=None)

    def resting(self, at: datetime) -> tuple[Account, ...]:
        """Return the accounts that nothing may be sent to."""
        return tuple(one for one in known(self.connection).values() if one.rests(at))

    def due_timers(self, at: datetime, limit: int) -> tuple[Due, ...]:
        """Return timers that are due, those of escalations first, longest overdue first."""
        found: list[Due] = []
        for due, _, of_incident in _TIMED:
            rows = due.rows(self.connection, {"at": at, "most": limit - len(found)})
            found += (Due(whose, subject, due_at, of_incident) for whose, subject, due_at in rows)
        return tuple(found)

    def next_timer_at(self) -> datetime | None:
        """Return when the next timer is due."""
        earliest = (following.rows(self.connection, {})[0][0] for _, following, _ in _TIMED)
        return min((at for at in earliest if at is not None), default=None)

    def due_summaries(self, at: datetime, limit: int) -> tuple[Due, ...]:
        """Return the conversations whose story is due, longest overdue first."""
        rows = self.connection.execute(
            select(summaries.c.tenant, summaries.c.conversation_id, summaries.c.due_at)
            .where(wanted, summaries.c.due_at <= at)
            .order_by(summaries.c.due_at)
            .limit(limit)
        )
        return tuple(Due(*row) for row in rows)

    def next_summary_at(self) -> datetime | None:
        """Return when the next story is due."""
        return self.connection.execute(select(func.min(summaries.c.due_at)).where(wanted)).scalar()

    def waiting_summaries(self) -> int:
        """Return how many stories are ordered and not yet written."""
        counted = select(func.count()).select_from(summaries).where(wanted)
        return self.connection.execute(counted).scalar_one()

    def key(self, key_id: str) -> ApiKey | None:
        """Return the key of an id, whosever it is."""
        statement = select(*KEY.columns).where(api_keys.c.key_id == key_id)
        row = self.connection.execute(statement).first()
        return None if row is None else KEY.item(row)

    def session(self, token_hash: str) -> Session | None:
        """Return the login of a token, expired or not."""
        statement = select(*SESSION.columns).where(sessions.c.token_hash == token_hash)
        row = self.connection.execute(statement).first()
        return None if row is None else SESSION.item(row)

    def oldest_undelivered(self, clock: Clock) -> datetime | None:
        """Return when the oldest unsettled delivery on a clock was made."""
        return self.connection.execute(
            select(func.min(table.c.created_at)).where(unsettled(table), table.c.clock == clock)
        ).scalar()

    def counts(self) -> dict[str, int]:
        """Return the open escalations and the unconfirmed deliveries by state, zeros too.

        What is over (closed, confirmed) only grows: it is no gauge, and counting it would read
        the whole history.
        """
        opened = (state for state in State if state is not State.CLOSED)
        left = (state for state in DeliveryState if state is not DeliveryState.CONFIRMED)
        counts = {f"escalations_{state}": 0 for state in opened}
        counts |= {f"deliveries_{state}": 0 for state in left}
        for name, source, condition in (
            ("escalations", escalations, still_open(escalations)),
            ("deliveries", table, unconfirmed(table)),
        ):
            states = select(source.c.state, func.count()).where(condition).group_by(source.c.state)
            counts |= {
                f"{name}_{state}": number for state, number in self.connection.execute(states)
            }
        return counts

    def policies_in_force(self) -> dict[str, Activation]:
        """Return tenant to its newest activation, for those that have one."""
        return policies_in_force(self.connection)

    def webhooks(self) -> tuple[tuple[str, StoredWebhook], ...]:
        """Return every tenant's webhooks with whose they are."""
        return all_webhooks(self.connection)

    def open_incidents(self) -> int:
        """Return how many incidents go on."""
        counted = select(func.count()).select_from(incidents).where(going_on())
        return self.connection.execute(counted).scalar_one()

    def ping(self) -> None:
        """Raise if the database does not answer."""
        self.connection.execute(select(1)).one()

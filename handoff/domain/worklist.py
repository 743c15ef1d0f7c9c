"""What is due over all tenants, as the engine and logins need it, in a protocol."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from handoff.domain.account import Account
from handoff.domain.delivery import LEASE, Clock, Delivery
from handoff.domain.finding import Auditing
from handoff.domain.policies import Activation
from handoff.domain.records import ApiKey, Due, Session
from handoff.domain.retention import Ageing
from handoff.domain.webhooks import StoredWebhook

NO_BOUNDS: Mapping[tuple[str, str], int] = MappingProxyType({})
"""Of every account as many as are asked for."""


class Worklist(Protocol):
    """What is due over all tenants, inside one database transaction; for the engine and logins."""

    @property
    def ageing(self) -> Ageing: ...
    @property
    def auditing(self) -> Auditing: ...
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
        """Lease due deliveries (pending or unknown and due, or sending with a lapsed lease).

        Sets state `sending`, a fresh attempt token, the lease, and counts attempts and starts.
        One that may have arrived (unknown, or its lease lapsed) is returned as `unknown`, so that
        the caller looks it up first; a `poisonous` one it sets aside. Each escalation's deliveries
        to one connector go in order; tenants go in turn, beginning with the one that comes after
        `after`; an account that rests gets none, and one whose rest is over a single one. Of
        records at most `records` are taken, and of an account in `rooms` (tenant, connector) at
        most so many.
        """

    def give_back(self, delivery: Delivery, token: str) -> bool:
        """Write a leased delivery as it is to be taken up again; False if it is not `token`'s."""

    def heartbeat(self, delivery_id: str, token: str, lease_until: datetime) -> bool: ...
    def next_delivery_at(self, at: datetime) -> datetime | None:
        """Return when something more can be claimed than now, if nothing changes until then."""

    def resting(self, at: datetime) -> tuple[Account, ...]:
        """Return the accounts that nothing may be sent to."""

    def due_timers(self, at: datetime, limit: int) -> tuple[Due, ...]: ...
    def next_timer_at(self) -> datetime | None: ...
    def due_summaries(self, at: datetime, limit: int) -> tuple[Due, ...]:
        """Return the conversations whose story is due, longest overdue first."""

    def next_summary_at(self) -> datetime | None: ...
    def waiting_summaries(self) -> int:
        """Return how many stories are ordered and not yet written."""

    def key(self, key_id: str) -> ApiKey | None: ...
    def session(self, token_hash: str) -> Session | None: ...
    def oldest_undelivered(self, clock: Clock) -> datetime | None:
        """Return when the oldest unsettled delivery on a clock was made."""

    def counts(self) -> dict[str, int]:
        """Return open escalations and unconfirmed deliveries by state, as `deliveries_dead`."""

    def policies_in_force(self) -> dict[str, Activation]:
        """Return tenant to its newest activation, for those that have one."""

    def webhooks(self) -> tuple[tuple[str, StoredWebhook], ...]:
        """Return every tenant's webhooks with whose they are."""

    def open_incidents(self) -> int: ...
    def ping(self) -> None:
        """Raise if the database does not answer."""

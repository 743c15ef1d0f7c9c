"""A finding of the auditor: something that would leave a person waiting for ever, and its mend."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from handoff.domain.account import Account
from handoff.domain.delivery import RETRY_AFTER, Delivery, DeliveryState
from handoff.domain.escalation import Escalation, State

LATE = timedelta(seconds=120)
"""How long a timer or a lapsed lease may wait for an engine: several sweeps, and a takeover."""
LONGEST_REST = timedelta(seconds=RETRY_AFTER[1] + 60)
"""No rule lets an account rest longer."""


class Damage(StrEnum):
    """What can be wrong."""

    NO_TIMER = "no_timer"
    """Open, and nothing will ever look at it again."""
    TIMER_LATE = "timer_late"
    """Its timer was due long ago: no engine runs, or it fails each time. Reported only."""
    OWNERLESS = "ownerless"
    """Held or owned by nobody, in a state that says somebody has it."""
    NOT_SENT = "not_sent"
    """An event of it has no delivery to one of its connectors."""
    NO_LEASE = "no_lease"
    """A delivery is being sent under no lease: nobody would ever take it up."""
    LEASE_LATE = "lease_late"
    """Its lease lapsed long ago, and nobody took it up. Reported only."""
    NOT_AUDITED = "not_audited"
    """It has changes without an audit entry, or entries without a change. Reported only."""
    RESTS_TOO_LONG = "rests_too_long"
    """An account rests longer than any rule lets it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: of which escalation, delivery or connector."""

    tenant: str
    damage: Damage
    subject: str
    detail: str
    """Which connector and event; never anybody's words."""
    found_at: datetime
    mended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """An escalation as the auditor sees it."""

    escalation: Escalation
    deliveries: tuple[Delivery, ...] = ()
    audited: tuple[int, ...] = ()
    """Versions that its audit entries tell of, each once, ascending."""
    connectors: tuple[str, ...] = ()
    """Whom its opening was to go to, as the audit entry of it says."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page of what there is to look at."""

    looked: tuple[Looked, ...] = ()
    after: tuple[str, str] | None = None
    """Where the next page begins; None ends."""


Promised = Mapping[str, tuple[str, ...]]
"""Event to the connectors that must have a delivery of it."""


class Auditing(Protocol):
    """What the auditor reads and keeps, of all tenants."""

    def begin(self, at: datetime, until: datetime) -> bool:
        """Take the turn: True for one process until `until`, and for none before that again."""

    def open_ones(self, after: tuple[str, str], limit: int) -> Seen: ...
    def closed_since(self, at: datetime, limit: int) -> Seen:
        """Return those that closed since, the latest first."""

    def sending(self) -> tuple[Delivery, ...]: ...
    def accounts(self) -> tuple[Account, ...]: ...
    def free(self, delivery: Delivery) -> bool:
        """Write a delivery that is sent under no lease as one to be looked up; False if it is."""

    def keep(self, findings: Iterable[Finding]) -> None:
        """Keep what is found now in place of what was found and not mended; mends are kept."""

    def counts(self) -> dict[tuple[Damage, bool], int]:
        """Return how many there are by damage, and whether mended."""


class Findings(Protocol):
    """One tenant's findings."""

    def list(self, limit: int) -> tuple[Finding, ...]:
        """Return what is wrong now, and then what was mended, the latest first."""


def wrong_with(seen: Looked, promised: Promised, at: datetime) -> tuple[Finding, ...]:
    """Return what is wrong with an escalation."""
    escalation = seen.escalation
    found = [*_timing(escalation, at), *_sent(seen, promised, at)]
    if seen.audited != tuple(range(1, escalation.version + 1)):
        found.append(_of(escalation, Damage.NOT_AUDITED, f"version {escalation.version}", at))
    return tuple(found)


def _timing(escalation: Escalation, at: datetime) -> list[Finding]:
    if not escalation.is_open:
        return []
    found = []
    if escalation.due_at is None:
        found.append(_of(escalation, Damage.NO_TIMER, escalation.state.value, at))
    elif escalation.due_at < at - LATE:
        found.append(_of(escalation, Damage.TIMER_LATE, escalation.state.value, at))
    if ownerless(escalation):
        found.append(_of(escalation, Damage.OWNERLESS, escalation.state.value, at))
    return found


def ownerless(escalation: Escalation) -> bool:
    """Tell whether nobody has what somebody should have; with a leg up somebody speaks."""
    match escalation.state:
        case State.RESERVED:
            return escalation.reserved_for is None
        case State.CONNECTING | State.ACTIVE:
            return escalation.owner is None and not escalation.leg_up
        case _:
            return False


def _sent(seen: Looked, promised: Promised, at: datetime) -> list[Finding]:
    there = {(one.event, one.connector) for one in seen.deliveries}
    return [
        _of(seen.escalation, Damage.NOT_SENT, f"{event} {connector}", at)
        for event, connectors in promised.items()
        for connector in connectors
        if (event, connector) not in there
    ]


def wrong_with_delivery(
    delivery: Delivery, accounts: Iterable[Account], at: datetime
) -> tuple[Finding, ...]:
    """Return what is wrong with a delivery that is being sent; while its account rests it waits."""
    if delivery.state is not DeliveryState.SENDING:
        return ()
    if delivery.lease_until is None:
        return (_told(delivery, Damage.NO_LEASE, at),)
    account = (delivery.tenant, delivery.connector)
    rests = any((one.tenant, one.connector) == account and one.rests(at) for one in accounts)
    if delivery.lease_until < at - LATE and not rests:
        return (_told(delivery, Damage.LEASE_LATE, at),)
    return ()


def wrong_with_account(account: Account, at: datetime) -> tuple[Finding, ...]:
    """Return what is wrong with an account."""
    if account.paused_until is None or account.paused_until <= at + LONGEST_REST:
        return ()
    return (Finding(account.tenant, Damage.RESTS_TOO_LONG, account.connector, "", at),)


def _of(escalation: Escalation, damage: Damage, detail: str, at: datetime) -> Finding:
    return Finding(escalation.tenant, damage, escalation.escalation_id, detail, at)


def _told(delivery: Delivery, damage: Damage, at: datetime) -> Finding:
    return Finding(delivery.tenant, damage, delivery.delivery_id, delivery.connector, at)

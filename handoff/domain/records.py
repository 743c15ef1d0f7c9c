"""Small things that are kept, listed or counted beside escalations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import JsonValue

from handoff.domain.escalation import State

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class EscalationFilter:
    """Which escalations to list, newest first; None means any. Times bound `opened_at`."""

    states: tuple[State, ...] | None = None
    queue: str | None = None
    job: str | None = None
    intent: str | None = None
    reason_code: str | None = None
    conversation_id: str | None = None
    incident_id: str | None = None
    held_by: str | None = None
    """The human who owns it or whom it is reserved for."""
    since: datetime | None = None
    until: datetime | None = None
    waiting_first: bool = False
    """Order by priority, then first queue time, instead of newest first."""


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a listing: `cursor` continues after the last item, None ends."""

    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Listed(Generic[Item]):
    """Items of one page and the cursor of the next."""

    items: tuple[Item, ...]
    cursor: str | None


class Scope(StrEnum):
    """What an API key or a login may do."""

    RUNTIME = "runtime"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: the secret only as SHA-256."""

    key_id: str
    tenant: str
    name: str
    scopes: frozenset[Scope]
    secret_hash: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A login in a browser: the token only as SHA-256."""

    token_hash: str
    tenant: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    one_time: bool = False
    """A login link: good once, for getting a session."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The stored answer of a request that carried an Idempotency-Key."""

    fingerprint: str
    status: int
    body: JsonValue


@dataclass(frozen=True, slots=True)
class Event:
    """A change, for the feed: ids and states, no content. `sequence` is per tenant."""

    sequence: int
    kind: str
    """`escalation`, `conversation`, `delivery` or `incident`; `resync` stands for what is gone."""
    subject: str
    data: dict[str, JsonValue]
    at: datetime


@dataclass(frozen=True, slots=True)
class Presence:
    """A human agent's word about being there."""

    human: str
    status: str
    """available, busy or away."""
    since: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that is due: whose, of which escalation or incident, and since when."""

    tenant: str
    subject: str
    due_at: datetime
    of_incident: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the open escalations of an incident are."""

    waiting: int = 0
    held: int = 0
    """Deferred: they were promised a contact."""
    with_people: int = 0
    contact_at: datetime | None = None
    """The latest contact that was promised."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One row of the transfers report; see handoff/OPERATING.md for what each figure counts."""

    job: str | None
    intent: str | None
    conversations: int
    contained: int
    escalations: int
    accepted: int
    abandoned: int
    returned: int
    outcomes: dict[str, int]
    signals: dict[str, int]
    reason_codes: dict[str, int]
    turns: tuple[int, ...]
    """Turn index of each opening, ascending."""
    wait_s: tuple[float, ...]
    """Seconds from first queued to accepted, ascending."""
    handle_s: tuple[float, ...]
    """Seconds from active to closed, ascending."""

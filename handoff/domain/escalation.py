"""The escalation: one open at a time per conversation, with an owner and a way it ended."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import JsonValue

from handoff.domain.decision import Reason


class State(StrEnum):
    """Where an escalation is in its life."""

    QUEUED = "queued"
    RESERVED = "reserved"
    CONNECTING = "connecting"
    ACTIVE = "active"
    WRAPPING = "wrapping"
    DEFERRED = "deferred"
    ABANDONED = "abandoned"
    CLOSED = "closed"


WAITING = (State.QUEUED, State.RESERVED, State.CONNECTING)
"""The customer is there and waits for a human."""
LIVE = (*WAITING, State.ACTIVE)
"""The customer is there, waiting or with a human."""


class CloseOutcome(StrEnum):
    """How an escalation ended."""

    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    RETURNED = "returned"
    CUSTOMER_LEFT = "customer_left"
    CANCELLED = "cancelled"


GIVEN_BACK = frozenset({CloseOutcome.RETURNED, CloseOutcome.CANCELLED})
"""Outcomes after which the bot goes on with the customer."""


class AttemptResult(StrEnum):
    """How one try to reach a human ended."""

    CONNECTED = "connected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    VOICEMAIL = "voicemail"
    QUEUE_CLOSED = "queue_closed"
    NO_SKILL = "no_skill"
    CONNECTOR_DOWN = "connector_down"
    REJECTED_BY_POLICY = "rejected_by_policy"
    CUSTOMER_LEFT = "customer_left"
    RELEASED = "released"
    LAPSED = "lapsed"
    FAILED = "failed"


class Opener(StrEnum):
    """Who opened an escalation."""

    DETECTOR = "detector"
    RUNTIME = "runtime"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to reach a human: who was tried, when, and how it ended."""

    human: str | None
    result: AttemptResult
    at: datetime


@dataclass(frozen=True, slots=True)
class Leg:
    """One telephone leg towards a human, as the voice runtime last reported it."""

    leg_id: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Escalation:
    """The aggregate. `version` grows by one with every change and guards every write."""

    tenant: str
    escalation_id: str
    conversation_id: str
    state: State
    version: int
    queue: str
    priority: int
    """1 is the most urgent, 5 the least."""
    reason_code: str
    opener: Opener
    opened_at: datetime
    queued_at: datetime
    """First queue time: kept by every return to the queue."""
    changed_at: datetime
    channel: str = "chat"
    job: str | None = None
    intent: str | None = None
    language: str | None = None
    customer_key: str | None = None
    rule: str | None = None
    signal: str | None = None
    """The first reason's signal: what opened it, for counting."""
    turn_index: int | None = None
    """The turn that opened it."""
    score: float | None = None
    policy: str = ""
    reasons: tuple[Reason, ...] = ()
    card_version: int = 1
    owner: str | None = None
    reserved_for: str | None = None
    due_at: datetime | None = None
    """When the present state's timer is due."""
    accepted_at: datetime | None = None
    active_at: datetime | None = None
    closed_at: datetime | None = None
    contact_at: datetime | None = None
    """The next contact time the customer was told, while deferred."""
    outcome: CloseOutcome | None = None
    disposition: str | None = None
    attempts: tuple[Attempt, ...] = ()
    legs: tuple[Leg, ...] = ()
    return_brief: dict[str, JsonValue] = field(default_factory=dict)
    previous_id: str | None = None
    """The escalation of the same conversation that was closed before this one."""
    cause: str | None = None
    """What it is for, where others may be for the same; fixed by the opening."""
    incident_id: str | None = None
    """The incident that it is one of."""
    slot_at: datetime | None = None
    """When it was let into the queue, or will be; None where no limit applies to it."""
    trace: str | None = None
    """The `traceparent` of what opened it: its deliveries are spans of that trace."""

    def evolve(self, **changes: object) -> Self:
        """Return a copy with `changes`, one version on."""
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type] # typed by the fields

    @property
    def is_open(self) -> bool:
        """Tell whether it still needs somebody or something."""
        return self.state is not State.CLOSED

    @property
    def leg_up(self) -> bool:
        """Tell whether a human's leg is bridged now: then no lease lapses."""
        return any(leg.state in ("bridged", "held") for leg in self.legs)

"""What a store does, in plain Python: one tenant's rows in dicts, and what is due over all."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import zip_longest

from handoff.domain.delivery import LEASE, Clock, Delivery, DeliveryState
from handoff.domain.errors import Conflict, StaleVersion
from handoff.domain.escalation import Escalation, State

UNSETTLED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


@dataclass
class Model:
    """One tenant's rows."""

    turns: dict[str, dict[str, str]] = field(default_factory=dict)
    """Conversation to turn id to text."""
    escalations: dict[str, Escalation] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    presences: dict[str, str] = field(default_factory=dict)
    audited: int = 0

    def say(self, conversation: str, turn_id: str, text: str) -> tuple[str, int]:
        """Store a turn once; return the text stored under the id and the number of turns."""
        turns = self.turns.setdefault(conversation, {})
        stored = turns.setdefault(turn_id, text)
        return stored, len(turns)

    def open(self, escalation: Escalation) -> None:
        """Add an escalation; raise Conflict as a database does."""
        self.turns.setdefault(escalation.conversation_id, {})
        if escalation.escalation_id in self.escalations or any(
            one.conversation_id == escalation.conversation_id
            for one in self.escalations.values()
            if one.state is not State.CLOSED
        ):
            raise Conflict
        self.escalations[escalation.escalation_id] = escalation

    def move(self, escalation_id: str, version: int, state: State) -> Escalation | None:
        """Change what is at a version; raise StaleVersion, or Conflict where another is open."""
        known = self.escalations.get(escalation_id)
        if known is None:
            return None
        if known.version != version:
            raise StaleVersion
        others = [one for one in self.escalations.values() if one is not known]
        if state is not State.CLOSED and any(
            one.conversation_id == known.conversation_id and one.state is not State.CLOSED
            for one in others
        ):
            raise Conflict
        self.escalations[escalation_id] = replace(known, version=version + 1, state=state)
        return self.escalations[escalation_id]

    def post(self, delivery: Delivery) -> None:
        """Add a delivery; raise Conflict for a second one of the same event."""
        key = (delivery.escalation_id, delivery.connector, delivery.event)
        keys = [(one.escalation_id, one.connector, one.event) for one in self.deliveries.values()]
        gone = delivery.escalation_id not in self.escalations
        if gone or key in keys or delivery.delivery_id in self.deliveries:
            raise Conflict
        self.deliveries[delivery.delivery_id] = delivery

    def settle(self, delivery_id: str, token: str) -> bool:
        """Confirm a delivery where the token is its."""
        known = self.deliveries.get(delivery_id)
        if known is None or known.attempt_token != token:
            return False
        self.deliveries[delivery_id] = replace(
            known, state=DeliveryState.CONFIRMED, attempt_token=None, lease_until=None
        )
        return True

    def listed(self) -> list[str]:
        """Return the ids of escalations, newest first."""
        newest = sorted(
            self.escalations.values(), key=lambda one: (one.opened_at, one.escalation_id)
        )
        return [one.escalation_id for one in reversed(newest)]

    def waiting(self) -> dict[str, int]:
        """Return queue to the number that wait there."""
        waits = (State.QUEUED, State.RESERVED)
        return dict(Counter(one.queue for one in self.escalations.values() if one.state in waits))


def claimed(
    models: Iterable[Model], at: datetime, limit: int, token: str
) -> list[tuple[str, str, DeliveryState]]:
    """Lease what is due over all tenants; return tenant, id and how sure each is."""
    taken: list[tuple[str, str, DeliveryState]] = []
    for clock in (Clock.LIVE, Clock.RECORD):
        in_turn = _in_turn(clock, models, at)
        for one, model in in_turn[: limit - len(taken)]:
            sure = one.state is DeliveryState.PENDING
            model.deliveries[one.delivery_id] = replace(
                one, state=DeliveryState.SENDING, attempt_token=token, lease_until=at + LEASE
            )
            state = DeliveryState.SENDING if sure else DeliveryState.UNKNOWN
            taken.append((one.tenant, one.delivery_id, state))
    return taken


def _in_turn(clock: Clock, models: Iterable[Model], at: datetime) -> list[tuple[Delivery, Model]]:
    """Return what is due on a clock: the first of each tenant, then the second of each, …"""
    due: dict[str, list[tuple[Delivery, Model]]] = {}
    for model in models:
        for one in model.deliveries.values():
            if one.clock is clock and _claimable(one, model, at):
                due.setdefault(one.tenant, []).append((one, model))
    for found in due.values():
        found.sort(key=lambda pair: (pair[0].due_at, pair[0].created_at, pair[0].delivery_id))
    turns = zip_longest(*(due[tenant] for tenant in sorted(due)))
    return [pair for turn in turns for pair in turn if pair is not None]


def _claimable(one: Delivery, model: Model, at: datetime) -> bool:
    if one.state not in UNSETTLED or one.due_at > at:
        return False
    if one.state is DeliveryState.SENDING and (one.lease_until is None or one.lease_until > at):
        return False
    return not any(
        (other.escalation_id, other.connector) == (one.escalation_id, one.connector)
        and other.state in UNSETTLED
        and (other.created_at, other.delivery_id) < (one.created_at, one.delivery_id)
        for other in model.deliveries.values()
    )

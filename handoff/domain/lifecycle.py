"""The life of an escalation: one table of moves, and the one function that makes them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.errors import IllegalMove
from handoff.domain.escalation import (
    Attempt,
    AttemptResult,
    CloseOutcome,
    Escalation,
    State,
)

S = State


class Move(StrEnum):
    """Everything that can happen to an escalation."""

    RESERVE = "reserve"
    CLAIM = "claim"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    BRIDGED = "bridged"
    FAILED = "failed"
    RELEASE = "release"
    TRANSFER = "transfer"
    LAPSE = "lapse"
    HAND_BACK = "hand_back"
    WRAP = "wrap"
    DISPOSE = "dispose"
    CUSTOMER_BACK = "customer_back"
    DEFER = "defer"
    DUE = "due"
    CUSTOMER_LEFT = "customer_left"
    CANCEL = "cancel"


class Holder(StrEnum):
    """What a move does to the human on it."""

    TAKES = "takes"
    KEEPS = "keeps"
    RESERVED = "reserved"
    LEAVES = "leaves"


@dataclass(frozen=True, slots=True)
class Transition:
    """Where a move leads, who holds it then, and what ended by it."""

    target: State
    holder: Holder = Holder.LEAVES
    outcome: CloseOutcome | None = None
    attempt: AttemptResult | None = None
    """The result of the try to reach a human that this move ends."""


T, H, A, C = Transition, Holder, AttemptResult, CloseOutcome

TRANSITIONS: dict[tuple[State, Move], Transition] = {
    (S.QUEUED, Move.RESERVE): T(S.RESERVED, H.RESERVED),
    (S.QUEUED, Move.CLAIM): T(S.CONNECTING, H.TAKES),
    (S.QUEUED, Move.TRANSFER): T(S.QUEUED),
    (S.QUEUED, Move.DEFER): T(S.DEFERRED),
    (S.QUEUED, Move.CUSTOMER_LEFT): T(S.ABANDONED),
    (S.QUEUED, Move.CANCEL): T(S.CLOSED, outcome=C.CANCELLED),
    (S.RESERVED, Move.ACCEPT): T(S.CONNECTING, H.TAKES),
    (S.RESERVED, Move.DECLINE): T(S.QUEUED, attempt=A.DECLINED),
    (S.RESERVED, Move.EXPIRE): T(S.QUEUED, attempt=A.NO_ANSWER),
    (S.RESERVED, Move.CUSTOMER_LEFT): T(S.ABANDONED, attempt=A.CUSTOMER_LEFT),
    (S.RESERVED, Move.CANCEL): T(S.CLOSED, outcome=C.CANCELLED),
    (S.CONNECTING, Move.BRIDGED): T(S.ACTIVE, H.KEEPS, attempt=A.CONNECTED),
    (S.CONNECTING, Move.FAILED): T(S.QUEUED, attempt=A.FAILED),
    (S.CONNECTING, Move.CUSTOMER_LEFT): T(S.ABANDONED, attempt=A.CUSTOMER_LEFT),
    (S.CONNECTING, Move.CANCEL): T(S.CLOSED, outcome=C.CANCELLED),
    (S.ACTIVE, Move.RELEASE): T(S.QUEUED, attempt=A.RELEASED),
    (S.ACTIVE, Move.TRANSFER): T(S.QUEUED),
    (S.ACTIVE, Move.LAPSE): T(S.QUEUED, attempt=A.LAPSED),
    (S.ACTIVE, Move.HAND_BACK): T(S.CLOSED, H.KEEPS, outcome=C.RETURNED),
    (S.ACTIVE, Move.WRAP): T(S.WRAPPING, H.KEEPS),
    (S.WRAPPING, Move.DISPOSE): T(S.CLOSED, H.KEEPS, outcome=C.RESOLVED),
    (S.WRAPPING, Move.CUSTOMER_BACK): T(S.ACTIVE, H.KEEPS),
    (S.WRAPPING, Move.EXPIRE): T(S.CLOSED, H.KEEPS, outcome=C.UNRESOLVED),
    (S.DEFERRED, Move.DUE): T(S.QUEUED),
    (S.DEFERRED, Move.DISPOSE): T(S.CLOSED, outcome=C.RESOLVED),
    (S.ABANDONED, Move.CUSTOMER_BACK): T(S.QUEUED),
    (S.ABANDONED, Move.EXPIRE): T(S.CLOSED, outcome=C.CUSTOMER_LEFT),
}
"""(state, move) to where it leads. What is not here cannot happen."""

CHECK = "check"
"""The timer of a queued escalation: looks at it again, without a move."""

TIMERS: dict[State, Move | str] = {
    S.QUEUED: CHECK,
    S.RESERVED: Move.EXPIRE,
    S.CONNECTING: Move.FAILED,
    S.ACTIVE: Move.LAPSE,
    S.WRAPPING: Move.EXPIRE,
    S.DEFERRED: Move.DUE,
    S.ABANDONED: Move.EXPIRE,
}
"""State to what its timer does when due: every open state has a next event."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A move made: the new value, and the audit entry that cannot be forgotten."""

    escalation: Escalation
    entry: AuditEntry


def moves_from(state: State) -> tuple[Move, ...]:
    """Return the moves that a state allows, in the table's order."""
    return tuple(move for origin, move in TRANSITIONS if origin is state)


def advance(
    escalation: Escalation,
    move: Move,
    *,
    by: Actor,
    at: datetime,
    human: str | None = None,
    queue: str | None = None,
    attempt: AttemptResult | None = None,
    outcome: CloseOutcome | None = None,
    disposition: str | None = None,
    details: dict[str, JsonValue] | None = None,
) -> Moved:
    """Return the escalation after `move`, with its audit entry; raise IllegalMove if it can't.

    `human` is who claims, accepts or is reserved; `attempt` and `outcome` override the table's
    where more is known (voicemail, unresolved). The old state's timer ends: no `due_at` is left.
    """
    transition = TRANSITIONS.get((escalation.state, move))
    if transition is None:
        allowed = ", ".join(moves_from(escalation.state)) or "nothing: it is closed"
        raise IllegalMove(f"{move} is not possible while {escalation.state}; possible: {allowed}")
    tried = _attempt(escalation, transition, attempt, at)
    moved = escalation.evolve(
        state=transition.target,
        changed_at=at,
        due_at=None,
        queue=queue or escalation.queue,
        attempts=escalation.attempts + ((tried,) if tried else ()),
        **_held(escalation, transition, human),
        **_stamped(escalation, transition, at, outcome, disposition),
    )
    entry = AuditEntry(
        tenant=escalation.tenant,
        at=at,
        actor=by,
        action=move.value,
        subject=escalation.escalation_id,
        conversation_id=escalation.conversation_id,
        before=escalation.state.value,
        after=moved.state.value,
        version=moved.version,
        details=_told(moved, tried, human, queue, details),
    )
    return Moved(moved, entry)


def _attempt(
    escalation: Escalation, transition: Transition, told: AttemptResult | None, at: datetime
) -> Attempt | None:
    result = told or transition.attempt
    if result is None:
        return None
    return Attempt(escalation.owner or escalation.reserved_for, result, at)


def _held(
    escalation: Escalation, transition: Transition, human: str | None
) -> dict[str, str | None]:
    match transition.holder:
        case Holder.TAKES:
            taker = human or escalation.reserved_for
            if not taker:
                raise IllegalMove("somebody must be named to take it")
            return {"owner": taker, "reserved_for": None}
        case Holder.RESERVED:
            if not human:
                raise IllegalMove("somebody must be named to hold it for")
            return {"owner": None, "reserved_for": human}
        case Holder.KEEPS:
            return {}
        case Holder.LEAVES:
            return {"owner": None, "reserved_for": None}


def _stamped(
    escalation: Escalation,
    transition: Transition,
    at: datetime,
    outcome: CloseOutcome | None,
    disposition: str | None,
) -> dict[str, object]:
    match transition.target:
        case State.CONNECTING:
            return {"accepted_at": escalation.accepted_at or at}
        case State.ACTIVE:
            return {"active_at": escalation.active_at or at}
        case State.CLOSED:
            return {
                "closed_at": at,
                "outcome": outcome or transition.outcome,
                "disposition": disposition,
                "legs": (),
            }
        case State.QUEUED:
            return {"legs": (), "contact_at": None}
        case _:
            return {}


def _told(
    moved: Escalation,
    tried: Attempt | None,
    human: str | None,
    queue: str | None,
    details: dict[str, JsonValue] | None,
) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = dict(details or {})
    if human:
        told["human"] = human
    if queue:
        told["queue"] = queue
    if tried:
        told["attempt"] = tried.result.value
    if moved.outcome:
        told["outcome"] = moved.outcome.value
        told["disposition"] = moved.disposition
    return told

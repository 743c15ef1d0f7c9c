"""What a voice runtime reports of the telephone legs towards a human, as lifecycle moves."""

from datetime import datetime

from pydantic import JsonValue

from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.errors import IllegalMove, Invalid
from handoff.domain.escalation import LIVE, AttemptResult, Escalation, Leg, State
from handoff.domain.lifecycle import Move
from handoff.domain.ports import Transaction
from handoff.services.deps import Deps
from handoff.services.moving import announce, make
from handoff.services.respond import VOICE, spoke, taken

MOST_LEGS = 16
LEG_STATES = ("ringing", "answered", "bridged", "held", "failed", "ended")


def report_leg(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    leg_id: str,
    state: str,
    *,
    human: str | None,
    result: AttemptResult | None,
    by: Actor,
    at: datetime,
) -> Escalation:
    """Return the escalation after a leg changed; `result` says how a failed leg failed."""
    if state not in LEG_STATES:
        raise Invalid(f"leg state must be one of: {', '.join(LEG_STATES)}")
    if escalation.state not in (*LIVE, State.WRAPPING):
        raise IllegalMove(f"no leg belongs to an escalation that is {escalation.state}")
    earlier = escalation.legs
    escalation = _recorded(tx, escalation, leg_id, state, result, by=by, at=at)
    if state in ("ringing", "answered", "bridged"):
        who = human or escalation.reserved_for or leg_id
        escalation = taken(tx, deps, escalation, who, by=by, at=at)
    if state == "bridged":
        return spoke(tx, deps, escalation, escalation.owner or leg_id, by=by, at=at)
    known = not earlier or any(leg.leg_id == leg_id for leg in earlier)
    if state in ("failed", "ended") and known and not escalation.legs:
        return _down(tx, deps, escalation, result, by=by, at=at)
    return escalation


def _recorded(
    tx: Transaction,
    escalation: Escalation,
    leg_id: str,
    state: str,
    result: AttemptResult | None,
    *,
    by: Actor,
    at: datetime,
) -> Escalation:
    others = tuple(leg for leg in escalation.legs if leg.leg_id != leg_id)
    legs = others if state in ("failed", "ended") else (*others, Leg(leg_id, state, at))
    if len(legs) > MOST_LEGS:
        raise Invalid(f"an escalation has at most {MOST_LEGS} legs at once")
    after = escalation.evolve(legs=legs, changed_at=at)
    tx.escalations.save(after)
    details: dict[str, JsonValue] = {"leg_id": leg_id, "leg": state}
    if result:
        details["result"] = result.value
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=by,
            action="leg",
            subject=escalation.escalation_id,
            conversation_id=escalation.conversation_id,
            version=after.version,
            details=details,
        )
    )
    announce(tx, after, at)
    return after


def _down(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    result: AttemptResult | None,
    *,
    by: Actor,
    at: datetime,
) -> Escalation:
    """Return it after its last leg went down: the try failed, or the call is over."""
    if escalation.state is State.CONNECTING:
        attempt = result or AttemptResult.NO_ANSWER
        return make(tx, deps, escalation, Move.FAILED, by=by, at=at, attempt=attempt)
    if escalation.state is State.ACTIVE and escalation.channel == VOICE:
        return make(tx, deps, escalation, Move.WRAP, by=by, at=at)
    return escalation

"""What the service says of its things: plain JSON, the same in answers, events and stored turns."""

from datetime import datetime

from pydantic import JsonValue

from handoff.domain.audit import ChainedEntry, content, timestamp
from handoff.domain.control import Control
from handoff.domain.conversation import Head, StoredTurn
from handoff.domain.decision import Decision, Reason
from handoff.domain.delivery import Delivery
from handoff.domain.escalation import Escalation
from handoff.domain.incident import Incident
from handoff.domain.lifecycle import moves_from
from handoff.domain.records import Standing

View = dict[str, JsonValue]


def _at(at: datetime | None) -> str | None:
    return None if at is None else timestamp(at)


def reason_view(reason: Reason) -> View:
    """Return one reason as DESIGN's JSON Lines show it."""
    return {
        "signal": reason.signal,
        "rule": reason.rule,
        "strength": round(reason.strength, 4),
        "value": reason.value,
        "threshold": reason.threshold,
        "turns": list(reason.turns),
    }


def decision_view(decision: Decision) -> View:
    """Return a decision's action, score and reasons."""
    return {
        "action": decision.action.value,
        "score": round(decision.score, 4),
        "reasons": [reason_view(reason) for reason in decision.reasons],
        "reason_code": decision.reason_code,
        "policy": decision.policy,
        "shadow": [reason_view(reason) for reason in decision.shadow],
        "errors": list(decision.errors),
    }


def control_view(control: Control) -> View:
    """Return who has the floor, and the epoch to speak with."""
    return {"holder": control.holder.value, "name": control.name, "epoch": control.epoch}


def conversation_view(head: Head) -> View:
    """Return a conversation's head, without what the detector remembers."""
    return {
        "conversation_id": head.conversation_id,
        "channel": head.channel,
        "job": head.job,
        "intent": head.intent,
        "language": head.language,
        "turns": head.turns,
        "control": control_view(head.control),
        "open_escalation": head.open_escalation,
        "last_escalation": head.last_escalation,
        "return_brief": head.return_brief or None,
        "started_at": _at(head.started_at),
        "last_turn_at": _at(head.last_turn_at),
        "ended_at": _at(head.ended_at),
        "ended_by": head.ended_by,
        "ended_why": head.ended_why,
    }


def turn_view(stored: StoredTurn) -> View:
    """Return a stored turn as the runtime sent it, without what it did not say."""
    said = stored.turn.model_dump(mode="json", exclude_defaults=True)
    return {**said, "stored_at": _at(stored.stored_at), "after_handoff": stored.after_handoff}


def escalation_view(escalation: Escalation) -> View:
    """Return an escalation; `possible` lists the moves its state allows."""
    return {
        "escalation_id": escalation.escalation_id,
        "conversation_id": escalation.conversation_id,
        "state": escalation.state.value,
        "version": escalation.version,
        "possible": [move.value for move in moves_from(escalation.state)],
        "queue": escalation.queue,
        "priority": escalation.priority,
        "reason_code": escalation.reason_code,
        "reasons": [reason_view(reason) for reason in escalation.reasons],
        "rule": escalation.rule,
        "policy": escalation.policy,
        "score": escalation.score,
        "turn_index": escalation.turn_index,
        "opener": escalation.opener.value,
        "channel": escalation.channel,
        "job": escalation.job,
        "intent": escalation.intent,
        "language": escalation.language,
        "card_version": escalation.card_version,
        "owner": escalation.owner,
        "reserved_for": escalation.reserved_for,
        "opened_at": _at(escalation.opened_at),
        "queued_at": _at(escalation.queued_at),
        "accepted_at": _at(escalation.accepted_at),
        "active_at": _at(escalation.active_at),
        "changed_at": _at(escalation.changed_at),
        "due_at": _at(escalation.due_at),
        "contact_at": _at(escalation.contact_at),
        "closed_at": _at(escalation.closed_at),
        "outcome": escalation.outcome and escalation.outcome.value,
        "disposition": escalation.disposition,
        "attempts": [
            {"human": a.human, "result": a.result.value, "at": _at(a.at)}
            for a in escalation.attempts
        ],
        "legs": [
            {"leg_id": leg.leg_id, "state": leg.state, "at": _at(leg.at)} for leg in escalation.legs
        ],
        "return_brief": escalation.return_brief or None,
        "previous_id": escalation.previous_id,
        "cause": escalation.cause,
        "incident": escalation.incident_id,
    }


def incident_view(incident: Incident, standing: Standing) -> View:
    """Return an incident, and where those of its escalations are that are open."""
    return {
        "incident_id": incident.incident_id,
        "cause": incident.cause,
        "title": incident.title,
        "queue": incident.queue,
        "open": incident.closed_at is None,
        "opened_at": _at(incident.opened_at),
        "last_at": _at(incident.last_at),
        "closed_at": _at(incident.closed_at),
        "escalations": incident.escalations,
        "held": incident.held,
        "now": {
            "waiting": standing.waiting,
            "deferred": standing.held,
            "with_people": standing.with_people,
            "contact_at": _at(standing.contact_at),
        },
    }


def delivery_view(delivery: Delivery) -> View:
    """Return a delivery as supervisors see it."""
    return {
        "delivery_id": delivery.delivery_id,
        "escalation_id": delivery.escalation_id,
        "connector": delivery.connector,
        "event": delivery.event,
        "clock": delivery.clock.value,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "card_version": delivery.card_version,
        "created_at": _at(delivery.created_at),
        "due_at": _at(delivery.due_at),
        "settled_at": _at(delivery.settled_at),
        "reference": delivery.reference,
        "error": delivery.error,
    }


def audit_view(chained: ChainedEntry) -> View:
    """Return an audit entry as it is hashed, with its hashes."""
    body = content(chained.entry, chained.sequence)
    return {**body, "previous_hash": chained.previous_hash, "entry_hash": chained.entry_hash}

"""Hold back what comes in masses for one cause: one incident, let in by its queue's capacity."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from pydantic import JsonValue

from handoff.detection.document import Storm
from handoff.domain.audit import SYSTEM, AuditEntry, timestamp
from handoff.domain.connector import of_incidents
from handoff.domain.decision import Decision
from handoff.domain.delivery import Clock
from handoff.domain.escalation import Escalation, Opener, State
from handoff.domain.incident import (
    USUAL_WINDOWS,
    Cause,
    Incident,
    Limits,
    asked_for,
    breaks_out,
    cause_of,
    exempt,
    slot,
    title,
)
from handoff.domain.lifecycle import Move
from handoff.domain.ports import Transaction
from handoff.services.deps import Deps
from handoff.services.moving import found, make, post
from handoff.services.route import queues
from handoff.services.words import waiting_words


def placed(
    tx: Transaction, deps: Deps, escalation: Escalation, decision: Decision, at: datetime
) -> Escalation:
    """Return a new escalation with its cause, its incident and when it may be in the queue.

    It must not be stored yet: what came before it is counted here.
    """
    storm = deps.detectors.of(tx.tenant).policy.storm
    if storm is None or not deps.storms:
        return escalation
    tool_at = partial(tx.conversations.tool_at, escalation.conversation_id)
    cause = cause_of(decision, escalation.job, tool_at)
    if cause is None:
        return escalation
    limited = cause.limited and escalation.opener is not Opener.HUMAN
    incident = _met(tx, deps, storm, cause, escalation, at)
    if not limited:
        slot_at = None
    elif incident is None:
        slot_at = at
    else:
        slot_at = _slot(tx, deps, storm, cause, escalation.queue, at)
    held = slot_at is not None and slot_at > at
    if incident is not None:
        tx.incidents.save(
            incident.evolve(
                last_at=at,
                escalations=incident.escalations + 1,
                held=incident.held + held,
            )
        )
    return replace(
        escalation,
        cause=cause.key,
        incident_id=incident.incident_id if incident else None,
        slot_at=slot_at,
    )


def hold(tx: Transaction, deps: Deps, escalation: Escalation, at: datetime) -> Escalation:
    """Return it deferred until its slot where that is to come; a contact is promised by then.

    Queued in its slot it still has to be taken: the promise leaves a window's length for that.
    """
    storm = deps.detectors.of(tx.tenant).policy.storm
    if storm is None or escalation.slot_at is None or escalation.slot_at <= at:
        return escalation
    promised = escalation.slot_at + timedelta(seconds=storm.window_s)
    return make(
        tx,
        deps,
        escalation,
        Move.DEFER,
        by=SYSTEM,
        at=at,
        due_at=escalation.slot_at,
        changes={"contact_at": promised},
        details={
            "why": "many came for the same cause",
            "incident": escalation.incident_id,
            "contact_at": timestamp(promised),
        },
    )


def let_in(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    decision: Decision,
    opener: Opener,
    at: datetime,
) -> Escalation:
    """Return a held escalation in its queue, where what came now is never limited."""
    held = escalation.state is State.DEFERRED and escalation.incident_id is not None
    if held and (exempt(decision) or asked_for(decision) or opener is Opener.HUMAN):
        return make(tx, deps, escalation, Move.DUE, by=SYSTEM, at=at)
    return escalation


def say(deps: Deps, escalation: Escalation, at: datetime) -> str | None:
    """Return what the customer of a held escalation is to be told; None of any other."""
    held = escalation.state is State.DEFERRED and escalation.incident_id is not None
    if not held or escalation.contact_at is None or escalation.cause is None:
        return None
    storm = deps.detectors.of(escalation.tenant).policy.storm
    name = storm.names.get(escalation.cause, "") if storm else ""
    technical = escalation.cause.startswith(("tool:", "reason:technical"))
    wait = escalation.contact_at - at
    return waiting_words(escalation.language, name, wait, technical=technical)


def look_whether_over(tx: Transaction, deps: Deps, incident_id: str, at: datetime) -> None:
    """Close an incident of which few came within a window; else say when to look again."""
    incident = tx.incidents.get(incident_id)
    if incident is None or incident.due_at is None or incident.due_at > at:
        return
    storm = deps.detectors.of(tx.tenant).policy.storm
    again = _calm_at(tx, storm, incident) if storm is not None and deps.storms else at
    if again > at:
        tx.incidents.save(incident.evolve(due_at=again))
        return
    closed = incident.evolve(closed_at=at, due_at=None)
    tx.incidents.save(closed)
    _tell(tx, closed, "incident_closed", at, {"held": closed.held})
    _call(tx, deps, closed, "incident.closed", Clock.RECORD, at)


def _met(
    tx: Transaction,
    deps: Deps,
    storm: Storm,
    cause: Cause,
    escalation: Escalation,
    at: datetime,
) -> Incident | None:
    """Return the incident of a new escalation, opened now if this is the one too many."""
    incident = tx.incidents.open_of(cause.key)
    if incident is not None:
        return incident
    limits, since = _limits(storm), at - _limits(storm).window
    came = tx.incidents.came(cause.key, since) + 1
    if came < limits.incident_at:
        return None
    usually = tx.incidents.usual(cause.key, since - USUAL_WINDOWS * limits.window, since)
    if not breaks_out(came, usually, limits):
        return None
    fresh = Incident(
        tenant=tx.tenant,
        incident_id=deps.new_id("inc"),
        cause=cause.key,
        queue=escalation.queue,
        title=title(cause.key),
        opened_at=at,
        last_at=at,
        due_at=at + limits.window,
    )
    tx.incidents.add(fresh)
    joined = tx.incidents.join(fresh, since)
    told = fresh.evolve(escalations=joined + 1)
    _tell(tx, told, "incident_opened", at, {"within_s": storm.window_s})
    _call(tx, deps, fresh, "incident.opened", Clock.LIVE, at)
    return fresh.evolve(escalations=joined)


def _call(
    tx: Transaction, deps: Deps, incident: Incident, event: str, clock: Clock, at: datetime
) -> None:
    """Write the outbox rows of an incident, at its first escalation: their order is kept there."""
    connectors = deps.connectors_for(tx.tenant).items()
    called = [name for name, one in connectors if of_incidents(one)]
    first = tx.incidents.first(incident.incident_id) if called else None
    if first is not None:
        post(tx, deps, found(tx, first), event, clock, called, at=at)


def _slot(
    tx: Transaction, deps: Deps, storm: Storm, cause: Cause, queue: str, at: datetime
) -> datetime:
    capacity = storm.capacity(queues(deps, tx.tenant).get(queue))
    taken = tx.incidents.slots(cause.key, queue, capacity)
    return slot(taken, capacity, _limits(storm).window, at)


def _calm_at(tx: Transaction, storm: Storm, incident: Incident) -> datetime:
    """Return when so few will have come within a window, if no more come, that it is over."""
    limits = _limits(storm)
    last = tx.incidents.latest(incident.cause, limits.calm)
    return (last or incident.opened_at) + limits.window


def _limits(storm: Storm) -> Limits:
    return Limits(timedelta(seconds=storm.window_s), storm.incident_at, storm.above_usual)


def _tell(
    tx: Transaction, incident: Incident, action: str, at: datetime, details: dict[str, JsonValue]
) -> None:
    """Audit what became of an incident, and put it on the feed."""
    told: dict[str, JsonValue] = {
        "cause": incident.cause,
        "queue": incident.queue,
        "escalations": incident.escalations,
    }
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=SYSTEM,
            action=action,
            subject=incident.incident_id,
            details={**told, **details},
        )
    )
    state = "open" if incident.closed_at is None else "closed"
    tx.events.publish("incident", incident.incident_id, {"state": state, **told}, at)

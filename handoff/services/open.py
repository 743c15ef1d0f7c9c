"""Open an escalation: one at a time per conversation, with card, outbox rows and audit at once."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.card import Card
from handoff.domain.control import Controller
from handoff.domain.conversation import Head
from handoff.domain.decision import Action, Decision, Reason
from handoff.domain.delivery import Clock
from handoff.domain.errors import NotFound
from handoff.domain.escalation import Escalation, Opener, State
from handoff.domain.ports import Transaction
from handoff.services.brief import write_card
from handoff.services.deps import Deps
from handoff.services.moving import announce, due, found, post, set_control
from handoff.services.route import route
from handoff.services.storm import hold, let_in, placed, say
from handoff.services.story import Ordered, order
from handoff.services.views import reason_view

MOST_REASONS = 16
"""Kept of one escalation, the first ones."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Why and where to: what the detector decided, or what a runtime asked for."""

    decision: Decision
    opener: Opener
    queue: str | None = None
    """A hint: unknown or forbidden means the policy's default, never an error."""
    priority: int | None = None
    summary: str | None = None
    """The bot's own words; shown as such, never as verified."""
    trace: str | None = None
    """The `traceparent` of the request that opens it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The open escalation and its card. `created` is False where one was open already."""

    escalation: Escalation
    card: Card
    created: bool
    say: str | None = None
    """What the customer is to be told now, where an incident keeps them from the queue."""


def asked(
    reason_code: str, turn_index: int, policy: str, reasons: tuple[Reason, ...] = ()
) -> Decision:
    """Return the decision of a runtime or a human who asks for an escalation outright."""
    return Decision(
        action=Action.ESCALATE,
        score=1.0,
        reasons=reasons,
        turn_index=turn_index,
        reason_code=reason_code,
        policy=policy,
    )


def open_escalation(
    tx: Transaction, deps: Deps, head: Head, opening: Opening, *, by: Actor, at: datetime
) -> Opened:
    """Return the conversation's open escalation: a new one, or the one that got the evidence.

    The conversation's turns and head must be stored before.
    """
    if head.open_escalation is not None:
        return _add_evidence(tx, deps, head.open_escalation, opening, by=by, at=at)
    escalation = placed(tx, deps, _new(deps, head, opening, at), opening.decision, at)
    tx.escalations.add(escalation)
    card = write_card(tx, deps, head, escalation, at, opening.summary)
    routed = route(deps, tx.tenant, escalation.queue)
    told = _evidence(escalation, opening.decision) | {"connectors": [*routed.connectors]}
    tx.audit.append(_entry(escalation, by, at, "opened", told))
    post(tx, deps, escalation, "opened", Clock.LIVE, routed.connectors, at=at)
    order(tx, deps, Ordered(head.conversation_id, escalation.escalation_id), at)
    after = head.evolve(
        open_escalation=escalation.escalation_id,
        last_escalation=escalation.escalation_id,
        return_brief={},
    )
    set_control(tx, after, head.control.passed(Controller.NOBODY), by=by, at=at)
    announce(tx, escalation, at)
    escalation = hold(tx, deps, escalation, at)
    deps.at_point("after_open")
    return Opened(escalation, card, created=True, say=say(deps, escalation, at))


def _new(deps: Deps, head: Head, opening: Opening, at: datetime) -> Escalation:
    decision = opening.decision
    routed = route(
        deps,
        head.tenant,
        opening.queue or decision.queue,
        reason_code=decision.reason_code,
        job=head.job,
        priority=opening.priority or decision.priority,
    )
    first = decision.reasons[0] if decision.reasons else None
    return Escalation(
        tenant=head.tenant,
        escalation_id=deps.new_id("esc"),
        conversation_id=head.conversation_id,
        state=State.QUEUED,
        version=1,
        queue=routed.queue,
        priority=routed.priority,
        reason_code=decision.reason_code or "other",
        opener=opening.opener,
        opened_at=at,
        queued_at=at,
        changed_at=at,
        due_at=due(deps, State.QUEUED, at),
        channel=head.channel,
        job=head.job,
        intent=head.intent,
        language=head.language,
        customer_key=head.customer_key,
        rule=next((r.rule for r in decision.reasons if r.rule), None),
        signal=first.signal if first else None,
        turn_index=decision.turn_index,
        score=decision.score,
        policy=decision.policy,
        reasons=decision.reasons,
        previous_id=head.last_escalation,
        trace=opening.trace,
    )


def _add_evidence(
    tx: Transaction,
    deps: Deps,
    escalation_id: str,
    opening: Opening,
    *,
    by: Actor,
    at: datetime,
) -> Opened:
    """Keep the second opening as evidence on the first, and its priority where more urgent."""
    escalation = found(tx, escalation_id)
    wanted = opening.priority or opening.decision.priority or escalation.priority
    fresh = tuple(r for r in opening.decision.reasons if r not in escalation.reasons)
    after = escalation.evolve(
        priority=min(escalation.priority, wanted),
        reasons=(*escalation.reasons, *fresh)[:MOST_REASONS],
        changed_at=at,
    )
    tx.escalations.save(after)
    evidence = _evidence(after, opening.decision)
    tx.audit.append(_entry(after, by, at, "evidence_added", evidence))
    announce(tx, after, at)
    after = let_in(tx, deps, after, opening.decision, opening.opener, at)
    card = tx.escalations.card(escalation_id)
    if card is None:  # written with the opening, in one transaction
        raise NotFound(f"no card of {escalation_id}")
    return Opened(after, card, created=False)


def _evidence(escalation: Escalation, decision: Decision) -> dict[str, JsonValue]:
    incident: dict[str, JsonValue] = {"cause": escalation.cause, "incident": escalation.incident_id}
    return {
        **(incident if escalation.incident_id else {}),
        "queue": escalation.queue,
        "priority": escalation.priority,
        "reason_code": decision.reason_code,
        "turn_index": decision.turn_index,
        "score": round(decision.score, 4),
        "policy": decision.policy,
        "reasons": [reason_view(reason) for reason in decision.reasons],
        "opener": escalation.opener.value,
        "card_version": escalation.card_version,
    }


def _entry(
    escalation: Escalation,
    by: Actor,
    at: datetime,
    action: str,
    details: dict[str, JsonValue],
) -> AuditEntry:
    return AuditEntry(
        tenant=escalation.tenant,
        at=at,
        actor=by,
        action=action,
        subject=escalation.escalation_id,
        conversation_id=escalation.conversation_id,
        after=escalation.state.value,
        version=escalation.version,
        details=details,
    )

"""What a human agent, or a system in their place, does with an escalation."""

from datetime import datetime

from pydantic import JsonValue

from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.connector import follows
from handoff.domain.control import Controller
from handoff.domain.delivery import Clock
from handoff.domain.errors import Forbidden, Invalid
from handoff.domain.escalation import AttemptResult, CloseOutcome, Escalation, State
from handoff.domain.lifecycle import Move
from handoff.domain.ports import Transaction
from handoff.services.deps import Deps
from handoff.services.moving import DESK, connectors_of, due, head_of, make, post, set_control
from handoff.services.route import queues, route

VOICE = "voice"


def require_holder(escalation: Escalation, name: str, *, oversees: bool = False) -> None:
    """Raise Forbidden where somebody else has it, or it is held for them."""
    holder = escalation.owner or escalation.reserved_for
    if holder not in (None, name) and not oversees:
        raise Forbidden(f"{holder} has it")


def reserve(
    tx: Transaction, deps: Deps, escalation: Escalation, human: str, *, by: Actor, at: datetime
) -> Escalation:
    """Hold a queued escalation for one human until the reservation's deadline."""
    return make(tx, deps, escalation, Move.RESERVE, by=by, at=at, human=human)


def claim(
    tx: Transaction, deps: Deps, escalation: Escalation, human: str, *, by: Actor, at: datetime
) -> Escalation:
    """Take a queued escalation; on chat the human is connected at once."""
    claimed = make(tx, deps, escalation, Move.CLAIM, by=by, at=at, human=human)
    return _connected_on_chat(tx, deps, claimed, by=by, at=at)


def accept(
    tx: Transaction, deps: Deps, escalation: Escalation, human: str, *, by: Actor, at: datetime
) -> Escalation:
    """Take the escalation reserved for this human; raise Forbidden if it is held for another."""
    if escalation.reserved_for not in (None, human):
        raise Forbidden(f"it is held for {escalation.reserved_for}")
    accepted = make(tx, deps, escalation, Move.ACCEPT, by=by, at=at, human=human)
    return _connected_on_chat(tx, deps, accepted, by=by, at=at)


def decline(
    tx: Transaction, deps: Deps, escalation: Escalation, why: str | None, *, by: Actor, at: datetime
) -> Escalation:
    """Give a reservation back to the queue."""
    return make(tx, deps, escalation, Move.DECLINE, by=by, at=at, details={"why": why})


def release(
    tx: Transaction, deps: Deps, escalation: Escalation, why: str | None, *, by: Actor, at: datetime
) -> Escalation:
    """Put an active escalation back into its queue, at its first queue time."""
    return make(tx, deps, escalation, Move.RELEASE, by=by, at=at, details={"why": why})


def transfer(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    queue: str,
    why: str | None,
    *,
    by: Actor,
    at: datetime,
) -> Escalation:
    """Move it to another queue and tell who carries that one; raise Invalid if there is none."""
    routed = route(deps, tx.tenant, queue)
    if routed.queue != queue:
        raise Invalid(f"no queue {queue!r}; there are: {', '.join(queues(deps, tx.tenant))}")
    details: dict[str, JsonValue] = {"why": why, "from": escalation.queue}
    moved = make(
        tx, deps, escalation, Move.TRANSFER, by=by, at=at, queue=routed.queue, details=details
    )
    if routed.queue != escalation.queue:
        _tell_queue(tx, deps, moved, routed.connectors, at)
    return moved


def _tell_queue(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    connectors: tuple[str, ...],
    at: datetime,
) -> None:
    """Open it at those that never had it; the others are told that it is in their queue now.

    Who follows every change was told by the move itself. Those of the queue before keep it: the
    escalation is the same one, and may come back.
    """
    deliveries = tx.deliveries.of(escalation.escalation_id)
    ever = {one.connector for one in deliveries if one.event == "opened"}
    new = [name for name in connectors if name not in ever]
    post(tx, deps, escalation, "opened", Clock.LIVE, new, at=at)
    known, there = deps.connectors_for(tx.tenant), connectors_of(tx, escalation)
    told = (name for name in connectors if name in there and name not in (*new, DESK))
    again = [name for name in told if not follows(known[name])]
    post(tx, deps, escalation, f"updated.{escalation.version}", Clock.LIVE, again, at=at)


def defer(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    contact_at: datetime,
    *,
    by: Actor,
    at: datetime,
) -> Escalation:
    """Promise the customer a contact at `contact_at`; then it is queued again."""
    if contact_at <= at:
        raise Invalid("contact_at must lie in the future")
    changes: dict[str, object] = {"contact_at": contact_at}
    return make(tx, deps, escalation, Move.DEFER, by=by, at=at, due_at=contact_at, changes=changes)


def dispose(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    outcome: CloseOutcome,
    disposition: str | None,
    *,
    by: Actor,
    at: datetime,
) -> Escalation:
    """Close it with an outcome and the queue's disposition code; an active one is wrapped first."""
    allowed = deps.dispositions.get(escalation.queue)
    if allowed and disposition not in allowed:
        raise Invalid(f"disposition must be one of: {', '.join(allowed)}")
    if escalation.state is State.ACTIVE:
        escalation = make(tx, deps, escalation, Move.WRAP, by=by, at=at)
    return make(
        tx,
        deps,
        escalation,
        Move.DISPOSE,
        by=by,
        at=at,
        outcome=outcome,
        disposition=disposition,
    )


def hand_back(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    brief: dict[str, JsonValue],
    *,
    by: Actor,
    at: datetime,
) -> Escalation:
    """Give the conversation back to the bot with a brief of what was done and promised."""
    closed = make(
        tx,
        deps,
        escalation,
        Move.HAND_BACK,
        by=by,
        at=at,
        disposition="returned",
        changes={"return_brief": brief},
    )
    head = head_of(tx, closed)
    # A fresh detector: evidence from before the human must not send the bot straight back here.
    tx.conversations.save(head.evolve(detector={}, stale=False, fresh_from=head.next_index))
    return closed


def cancel(
    tx: Transaction, deps: Deps, escalation: Escalation, why: str | None, *, by: Actor, at: datetime
) -> Escalation:
    """Withdraw an escalation nobody has taken: the customer goes on with the bot."""
    return make(tx, deps, escalation, Move.CANCEL, by=by, at=at, details={"why": why})


def abandon(
    tx: Transaction, deps: Deps, escalation: Escalation, *, by: Actor, at: datetime
) -> Escalation:
    """Record that the customer left: while waiting it is abandoned, with a human it is wrapped."""
    if escalation.state is State.ACTIVE:
        return make(tx, deps, escalation, Move.WRAP, by=by, at=at, details={"customer": "left"})
    return make(tx, deps, escalation, Move.CUSTOMER_LEFT, by=by, at=at)


def note(
    tx: Transaction, escalation: Escalation, text: str, *, by: Actor, at: datetime
) -> AuditEntry:
    """Keep a note among humans; the customer never hears it and nobody takes the floor by it."""
    entry = AuditEntry(
        tenant=tx.tenant,
        at=at,
        actor=by,
        action="note",
        subject=escalation.escalation_id,
        conversation_id=escalation.conversation_id,
        details={"text": text},
    )
    tx.audit.append(entry)
    return entry


def spoke(
    tx: Transaction, deps: Deps, escalation: Escalation, human: str, *, by: Actor, at: datetime
) -> Escalation:
    """Follow a human's words to the customer: they take the floor, and renew or take ownership.

    Where nobody waited any more (deferred, abandoned), the customer is back by that.
    """
    again = {State.DEFERRED: Move.DUE, State.ABANDONED: Move.CUSTOMER_BACK}.get(escalation.state)
    if again is not None:
        escalation = make(tx, deps, escalation, again, by=by, at=at)
    escalation = taken(tx, deps, escalation, human, by=by, at=at)
    if escalation.state is State.CONNECTING:
        escalation = make(tx, deps, escalation, Move.BRIDGED, by=by, at=at)
    elif escalation.state is State.ACTIVE:
        renewed = due(deps, State.ACTIVE, at)
        if renewed is not None:
            tx.escalations.touch(escalation.escalation_id, renewed)
    if escalation.state is State.ACTIVE:
        head = head_of(tx, escalation)
        floor = head.control.passed(Controller.HUMAN, escalation.owner or human)
        set_control(tx, head, floor, by=by, at=at)
    return escalation


def taken(
    tx: Transaction, deps: Deps, escalation: Escalation, human: str, *, by: Actor, at: datetime
) -> Escalation:
    """Return it as taken by a human who is there, where nobody has taken it yet; else as it is."""
    move = {State.QUEUED: Move.CLAIM, State.RESERVED: Move.ACCEPT}.get(escalation.state)
    return make(tx, deps, escalation, move, by=by, at=at, human=human) if move else escalation


def _connected_on_chat(
    tx: Transaction, deps: Deps, escalation: Escalation, *, by: Actor, at: datetime
) -> Escalation:
    if escalation.channel == VOICE:
        return escalation
    return make(tx, deps, escalation, Move.BRIDGED, by=by, at=at, attempt=AttemptResult.CONNECTED)

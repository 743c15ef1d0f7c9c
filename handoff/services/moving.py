"""Make one lifecycle move: escalation, audit entry, outbox rows, control and feed at once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.connector import follows
from handoff.domain.control import Control, Controller
from handoff.domain.conversation import Head
from handoff.domain.delivery import Clock, Delivery, DeliveryState, Receipt, confirmed
from handoff.domain.errors import NotFound, StaleVersion
from handoff.domain.escalation import AttemptResult, CloseOutcome, Escalation, State
from handoff.domain.lifecycle import Move, advance
from handoff.domain.ports import Transaction
from handoff.services.deps import Deps

DESK = "desk"
"""The built-in queue's connector: every escalation goes there first."""


def found(tx: Transaction, escalation_id: str, version: int | None = None) -> Escalation:
    """Return the escalation; raise NotFound, or StaleVersion if `version` is not its version."""
    escalation = tx.escalations.get(escalation_id)
    if escalation is None:
        raise NotFound(f"no escalation {escalation_id}")
    if version is not None and version != escalation.version:
        raise StaleVersion(
            f"it is at version {escalation.version}, {escalation.state}"
            + (f", owned by {escalation.owner}" if escalation.owner else "")
        )
    return escalation


def head_of(tx: Transaction, escalation: Escalation) -> Head:
    """Return the head of the escalation's conversation."""
    head = tx.conversations.head(escalation.conversation_id)
    if head is None:  # a foreign key forbids it
        raise NotFound(f"no conversation {escalation.conversation_id}")
    return head


def due(deps: Deps, state: State, at: datetime) -> datetime | None:
    """Return when the timer of a state entered now is due."""
    seconds = deps.timings.of(state)
    return None if seconds is None else at + timedelta(seconds=seconds)


def make(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    move: Move,
    *,
    by: Actor,
    at: datetime,
    due_at: datetime | None = None,
    human: str | None = None,
    queue: str | None = None,
    attempt: AttemptResult | None = None,
    outcome: CloseOutcome | None = None,
    disposition: str | None = None,
    changes: dict[str, object] | None = None,
    details: dict[str, JsonValue] | None = None,
) -> Escalation:
    """Return the escalation after `move`, everything that goes with it written.

    `changes` are further fields of the new value (legs, a return brief) that the move carries.
    """
    moved = advance(
        escalation,
        move,
        by=by,
        at=at,
        human=human,
        queue=queue,
        attempt=attempt,
        outcome=outcome,
        disposition=disposition,
        details=details,
    )
    after = replace(
        moved.escalation,
        due_at=due_at or due(deps, moved.escalation.state, at),
        **(changes or {}),  # type: ignore[arg-type] # typed by the fields
    )
    tx.escalations.save(after)
    tx.audit.append(moved.entry)
    _settle_control(tx, after, by=by, at=at)
    if after.state is State.CLOSED:
        post(tx, deps, after, "closed", Clock.RECORD, connectors_of(tx, after), at=at)
    else:
        _tell_followers(tx, deps, after, at)
    announce(tx, after, at)
    deps.wake()
    deps.at_point("after_move")
    return after


def _settle_control(tx: Transaction, after: Escalation, *, by: Actor, at: datetime) -> None:
    """Let the floor follow the escalation: closed, the bot has it; queued again, nobody."""
    head = head_of(tx, after)
    if after.state is State.CLOSED:
        control = head.control.passed(Controller.BOT)
        brief = after.return_brief or head.return_brief
        head = head.evolve(open_escalation=None, return_brief=brief)
    elif after.state in (State.QUEUED, State.DEFERRED, State.ABANDONED):
        control = head.control.passed(Controller.NOBODY)
    else:
        control = head.control
    set_control(tx, head, control, by=by, at=at)


def set_control(tx: Transaction, head: Head, control: Control, *, by: Actor, at: datetime) -> Head:
    """Write the head with the floor passed to `control`, audited if that is a change."""
    after = head.evolve(control=control)
    tx.conversations.save(after)
    if control != head.control:
        entry = AuditEntry(
            tenant=head.tenant,
            at=at,
            actor=by,
            action="control",
            subject=head.conversation_id,
            conversation_id=head.conversation_id,
            before=head.control.holder.value,
            after=control.holder.value,
            version=control.epoch,
            details={"name": control.name} if control.name else {},
        )
        tx.audit.append(entry)
    return after


def connectors_of(tx: Transaction, escalation: Escalation) -> tuple[str, ...]:
    """Return the connectors that were given this escalation, but those it was withdrawn from."""
    deliveries = tx.deliveries.of(escalation.escalation_id)
    withdrawn = {one.connector for one in deliveries if one.event == "withdrawn"}
    opened = (one.connector for one in deliveries if one.event == "opened")
    return tuple(name for name in dict.fromkeys(opened) if name not in withdrawn)


def _tell_followers(tx: Transaction, deps: Deps, after: Escalation, at: datetime) -> None:
    """Tell the connectors that show who has it; the others hear of cards and of the end."""
    following = {name for name, one in deps.connectors_for(tx.tenant).items() if follows(one)}
    if not following:
        return
    told = [name for name in connectors_of(tx, after) if name in following]
    post(tx, deps, after, f"changed.{after.version}", Clock.LIVE, told, at=at)


def post(
    tx: Transaction,
    deps: Deps,
    escalation: Escalation,
    event: str,
    clock: Clock,
    connectors: Iterable[str],
    *,
    at: datetime,
) -> None:
    """Write the outbox rows of one event: what is in here will be delivered or visibly dead.

    The desk shows what is committed: its row is confirmed by the same commit.
    """
    for connector in connectors:
        pending = Delivery(
            tenant=tx.tenant,
            delivery_id=deps.new_id("dlv"),
            escalation_id=escalation.escalation_id,
            connector=connector,
            event=event,
            clock=clock,
            state=DeliveryState.PENDING,
            created_at=at,
            due_at=at,
            card_version=escalation.card_version,
        )
        shown = connector == DESK
        receipt = Receipt(escalation.escalation_id)
        tx.deliveries.add(confirmed(pending, receipt, at) if shown else pending)
    deps.wake()


def announce(tx: Transaction, escalation: Escalation, at: datetime) -> None:
    """Put the change on the feed: ids and states, no content."""
    data: dict[str, JsonValue] = {
        "state": escalation.state.value,
        "version": escalation.version,
        "queue": escalation.queue,
        "conversation_id": escalation.conversation_id,
        "card_version": escalation.card_version,
    }
    tx.events.publish("escalation", escalation.escalation_id, data, at)

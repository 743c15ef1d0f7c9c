"""Do what a due timer says, so that no escalation is ever without a next event."""

from datetime import datetime
from functools import partial

from pydantic import JsonValue

from handoff.domain.audit import SYSTEM
from handoff.domain.escalation import AttemptResult, Escalation, State
from handoff.domain.lifecycle import CHECK, TIMERS, Move
from handoff.domain.ports import Transaction
from handoff.domain.records import Due
from handoff.services.brief import refresh
from handoff.services.deps import Deps
from handoff.services.moving import due as due_in
from handoff.services.moving import make
from handoff.services.storm import look_whether_over


def fire_timer(deps: Deps, timer: Due) -> None:
    """Make the move that a due timer stands for, if it is still due."""
    deps.at_point("before_timer")
    back = deps.store.write(timer.tenant, lambda tx: _fire(tx, deps, timer, deps.clock()))
    if back:
        # What the customer said while it was deferred is not on the card yet.
        write = partial(refresh, deps, timer.tenant, timer.subject)
        deps.later(f"card {timer.tenant} {timer.subject}", write)


def _fire(tx: Transaction, deps: Deps, timer: Due, at: datetime) -> bool:
    """Return whether a deferred escalation came back into its queue."""
    if timer.of_incident:
        look_whether_over(tx, deps, timer.subject, at)
        return False
    escalation = tx.escalations.get(timer.subject)
    if escalation is None or escalation.due_at is None or escalation.due_at > at:
        return False
    move = TIMERS.get(escalation.state)
    if move is None:
        return False
    if move == CHECK or (move is Move.LAPSE and escalation.leg_up):
        _look_again(tx, deps, escalation, at)
        return False
    attempt = AttemptResult.NO_ANSWER if move is Move.FAILED else None
    make(tx, deps, escalation, Move(move), by=SYSTEM, at=at, attempt=attempt)
    return move is Move.DUE


def _look_again(tx: Transaction, deps: Deps, escalation: Escalation, at: datetime) -> None:
    later = due_in(deps, escalation.state, at)
    if later is not None:
        tx.escalations.touch(escalation.escalation_id, later)
    if escalation.state is State.QUEUED:
        waited = round((at - escalation.queued_at).total_seconds(), 1)
        data: dict[str, JsonValue] = {
            "state": escalation.state.value,
            "queue": escalation.queue,
            "waited_s": waited,
        }
        tx.events.publish("escalation", escalation.escalation_id, data, at)

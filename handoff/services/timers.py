"""Do what a due timer says, so that no escalation is ever without a next event."""

from datetime import datetime

from pydantic import JsonValue

from handoff.domain.audit import SYSTEM
from handoff.domain.escalation import AttemptResult, Escalation, State
from handoff.domain.lifecycle import CHECK, TIMERS, Move
from handoff.domain.ports import Transaction
from handoff.domain.records import Due
from handoff.services.deps import Deps
from handoff.services.moving import due as due_in
from handoff.services.moving import make


def fire_timer(deps: Deps, timer: Due) -> None:
    """Make the move that a due timer stands for, if it is still due."""
    deps.at_point("before_timer")
    deps.store.write(timer.tenant, lambda tx: _fire(tx, deps, timer, deps.clock()))


def _fire(tx: Transaction, deps: Deps, timer: Due, at: datetime) -> None:
    escalation = tx.escalations.get(timer.escalation_id)
    if escalation is None or escalation.due_at is None or escalation.due_at > at:
        return
    move = TIMERS.get(escalation.state)
    if move is None:
        return
    if move == CHECK or (move is Move.LAPSE and escalation.leg_up):
        _look_again(tx, deps, escalation, at)
        return
    attempt = AttemptResult.NO_ANSWER if move is Move.FAILED else None
    make(tx, deps, escalation, Move(move), by=SYSTEM, at=at, attempt=attempt)


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

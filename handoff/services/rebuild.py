"""Rebuild the detector's state after a late or revised turn: order of arrival must not count."""

from functools import partial

from handoff.domain.audit import Actor, ActorKind
from handoff.domain.control import Controller
from handoff.domain.conversation import Head, StoredTurn
from handoff.domain.decision import Action, Decision
from handoff.domain.escalation import Opener
from handoff.domain.ports import Transaction
from handoff.domain.turn import Role
from handoff.services.deps import Deps
from handoff.services.observe import watch
from handoff.services.open import Opening, open_escalation

TRIES = 5


def rebuild(deps: Deps, tenant: str, conversation_id: str) -> bool:
    """Replay the stored turns in `index` order; return False if turns kept coming in between.

    Decisions already acted on stand. Where the replay escalates and nothing ever did, it is
    opened now. A conversation that is left stale is rebuilt at its next turn.
    """
    for _ in range(TRIES):
        read = deps.store.read(tenant, lambda tx: _read(tx, conversation_id))
        if read is None:
            return True
        head, turns = read
        write = partial(_write, deps, head, *_replay(deps, head, turns))
        if deps.store.write(tenant, write):
            return True
    return False


def _read(tx: Transaction, conversation_id: str) -> tuple[Head, tuple[StoredTurn, ...]] | None:
    head = tx.conversations.head(conversation_id)
    if head is None or not head.stale:
        return None
    turns = tx.conversations.turns(conversation_id)
    return head, tuple(t for t in turns if (t.turn.index or 0) >= head.fresh_from)


def _replay(deps: Deps, head: Head, turns: tuple[StoredTurn, ...]) -> tuple[Head, Decision | None]:
    """Return the head with the replayed state, and the first decision to escalate.

    A bot turn that came before the handoff but belongs after it is a record like those that came
    after it.
    """
    replayed = head.evolve(detector={}, ended_at=None)
    gone = head.control.holder is not Controller.BOT
    first: Decision | None = None
    for stored in turns:
        passed = gone or first is not None or stored.after_handoff
        record = passed and stored.turn.role is Role.BOT
        replayed, decision = watch(deps, replayed, stored.turn, record=record)
        if first is None and decision.action is Action.ESCALATE and _never(head):
            first = decision
    return replayed, first


def _never(head: Head) -> bool:
    return head.last_escalation is None and head.ended_at is None


def _write(
    deps: Deps, read: Head, replayed: Head, decision: Decision | None, tx: Transaction
) -> bool:
    head = tx.conversations.head(read.conversation_id)
    if head is None or _mark(head) != _mark(read):
        return False
    head = head.evolve(detector=replayed.detector, stale=False)
    tx.conversations.save(head)
    if decision is not None and _never(head) and head.control.holder is Controller.BOT:
        opening = Opening(decision, Opener.DETECTOR)
        by = Actor(ActorKind.SYSTEM, "detector")
        open_escalation(tx, deps, head, opening, by=by, at=deps.clock())
    return True


def _mark(head: Head) -> tuple[object, ...]:
    """Return what changes with every turn that comes in or is revised."""
    return head.detector, head.turns, head.last_turn_at

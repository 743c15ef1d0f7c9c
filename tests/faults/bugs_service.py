"""Planted bugs of the services: moves, owners, the floor, turns, timers, repeats."""

import threading
from functools import partial
from typing import Any

import handoff.api.changing
import handoff.api.posted
import handoff.api.turns
import handoff.services.moving as moving
import handoff.services.observe as observing
import handoff.services.open as opening
import handoff.services.route as routing
from handoff.domain import lifecycle
from handoff.domain.control import Control
from handoff.domain.conversation import Head
from handoff.domain.disclosure import Redaction
from handoff.domain.escalation import State
from handoff.domain.lifecycle import Move
from handoff.services.once import Answer
from tests.faults.sabotage import around, bug, reset


@bug("I-2")
def key_looked_up_then_set() -> None:
    """Look a key up, do the work, and set it after a while."""
    known: dict[tuple[str, str], Answer] = {}

    def racy(_: Any, tx: Any, request: Any, at: Any, run: Any) -> Answer:
        if request is None:
            return run()
        key = (request.principal, request.key)
        if key in known:
            return reset(known[key], replayed=True)
        answer: Answer = run()
        threading.Timer(0.2, lambda: known.setdefault(key, answer)).start()
        return answer

    around(handoff.api.changing, "once", racy)


@bug("I-4")
def version_ignored() -> None:
    """Move what the client has not seen."""
    around(handoff.api.changing, "found", lambda found, tx, key, _version=None: found(tx, key))


@bug("I-4")
def taken_from_another() -> None:
    """Let a claim take what somebody is busy with."""
    taken = lifecycle.Transition(State.CONNECTING, lifecycle.Holder.TAKES)
    lifecycle.TRANSITIONS[State.ACTIVE, Move.CLAIM] = taken


@bug("I-5")
def illegal_move() -> None:
    """Close what nobody has taken."""
    closed = lifecycle.TRANSITIONS[State.DEFERRED, Move.DISPOSE]
    lifecycle.TRANSITIONS[State.QUEUED, Move.DISPOSE] = closed


@bug("I-3")
def timer_lost() -> None:
    """Let what waits in a queue wait for ever."""
    for module in (moving, opening):
        around(
            module,
            "due",
            lambda due, deps, state, at: None if state is State.QUEUED else due(deps, state, at),
        )


@bug("I-3")
def owner_kept_in_queue() -> None:
    """Leave the owner of what goes back into its queue."""

    def held(before: Any, escalation: Any, transition: Any, human: Any) -> Any:
        leaves = transition.holder is lifecycle.Holder.LEAVES
        return {} if leaves else before(escalation, transition, human)

    around(lifecycle, "_held", held)


@bug("I-3")
def closed_without_outcome() -> None:
    """Close without saying how it ended."""

    def stamped(before: Any, *args: Any) -> Any:
        found = before(*args)
        return {**found, "outcome": None} if "outcome" in found else found

    around(lifecycle, "_stamped", stamped)


@bug("I-4")
def epoch_not_checked() -> None:
    """Let a bot speak with whatever epoch."""
    Control.check = lambda *_: None


@bug("I-5")
def floor_not_given_back() -> None:
    """Leave the floor where it is when an escalation closes."""

    def settle(before: Any, tx: Any, after: Any, **more: Any) -> None:
        if after.state is State.CLOSED:
            head = moving.head_of(tx, after)
            tx.conversations.save(head.evolve(open_escalation=None))
        else:
            before(tx, after, **more)

    around(moving, "_settle_control", settle)


@bug("I-6", "kill open after_commit")
def outbox_after_commit() -> None:
    """Write outbox rows in a transaction of their own, soon."""

    def post(before: Any, tx: Any, deps: Any, escalation: Any, *args: Any, **more: Any) -> None:
        def write() -> None:
            deps.store.write(
                escalation.tenant, lambda again: before(again, deps, escalation, *args, **more)
            )

        deps.later(f"post {escalation.escalation_id}", write)

    around(opening, "post", post)


@bug("I-15")
def redaction_off() -> None:
    """Store what was said."""
    handoff.api.posted.redact_turn = lambda turn: (turn, ())
    observing.seal = lambda _tx, head, turn: (head, turn)
    Redaction.turn = lambda _, turn: turn


@bug("I-13")
def turn_counted_twice() -> None:
    """Count a turn twice."""

    def counted(before: Any, self: Any, *args: Any) -> Head:
        head: Head = before(self, *args)
        return reset(head, turns=head.turns + 1)

    around(Head, "counted", counted)


@bug("I-13")
def repeated_turn_stored_again() -> None:
    """Store a repeated turn as another one."""
    seen: set[tuple[str, str]] = set()

    def observe(
        before: Any, tx: Any, deps: Any, where: str, turn: Any, *args: Any, **more: Any
    ) -> Any:
        if (where, turn.turn_id) in seen:
            turn = turn.model_copy(update={"turn_id": f"{turn.turn_id}-again"})
        seen.add((where, turn.turn_id))
        return before(tx, deps, where, turn, *args, **more)

    around(handoff.api.turns, "observe", observe)


@bug("I-1")
def conflict_overwrites() -> None:
    """Take other words under a known id for a correction."""
    observing._outdated = lambda turn, other: turn is not other and turn.text != other.text


@bug("I-23")
def input_ends_in_500() -> None:
    """Stumble over a word."""

    def read(before: Any, raw: bytes, kind: str) -> Any:
        if b"thank you" in raw:
            raise KeyError("thanks")
        return before(raw, kind)

    around(handoff.api.turns, "_read", read)


@bug("I-24", "compared", "postgresql")
def databases_differ() -> None:
    """Give another priority than the other database does."""
    routing.DEFAULT_PRIORITY = 4


@bug("I-9")
def sent_before_commit() -> None:
    """Tell the receiver before anything is committed, under an id of its own."""

    def post(before: Any, tx: Any, deps: Any, escalation: Any, *args: Any, **more: Any) -> None:
        before(tx, deps, escalation, *args, **more)
        webhook = deps.connectors["webhook"]
        send = partial(webhook._outbound.post, str(webhook._config.url))
        told = {"type": "escalation.opened", "data": {"escalation": {}}}
        send(handoff.api.changing.to_json(told), {"webhook-id": deps.new_id("dlv")})

    around(opening, "post", post)

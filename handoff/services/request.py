"""Open an escalation because a runtime asks, with its own transcript and state inline."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from handoff.domain.audit import Actor, ActorKind
from handoff.domain.conversation import Head, StoredTurn, fingerprint
from handoff.domain.decision import Reason
from handoff.domain.errors import Invalid, TurnConflict
from handoff.domain.escalation import Opener, State
from handoff.domain.ports import Transaction
from handoff.domain.turn import Role, Turn
from handoff.services.deps import Deps
from handoff.services.observe import MAX_TURNS, watch
from handoff.services.open import Opened, Opening, asked, open_escalation
from handoff.services.respond import defer
from handoff.services.sealing import seal
from handoff.services.told import Told, informed, resumed

PEOPLE = (ActorKind.HUMAN, ActorKind.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Asked:
    """A runtime's request for a person."""

    conversation_id: str
    turns: tuple[Turn, ...] = ()
    """The transcript it keeps, redacted already; known turn ids are not stored twice."""
    slots: dict[str, JsonValue] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    reason_code: str = "bot_requested"
    queue: str | None = None
    priority: int | None = None
    summary: str | None = None
    as_ticket: bool = False
    """Nobody needs to come to the line: open it at the ticket step."""


def open_asked(tx: Transaction, deps: Deps, wanted: Asked, *, by: Actor, at: datetime) -> Opened:
    """Return the escalation opened for a request, or the open one with the request as evidence.

    Raises TurnConflict where a turn id of the transcript is stored with other content.
    """
    known_head = tx.conversations.head(wanted.conversation_id)
    head = informed(known_head, tx.tenant, wanted.conversation_id, wanted.told, at)
    if head.ended_at is not None:
        head = resumed(tx, head, by=by, at=at)
    head = _store(tx, deps, head, wanted, at)
    last = max(head.next_index - 1, 0)
    reason = Reason("bot_request", None, 1.0, None, None, (last,) if head.turns else ())
    label = deps.detectors.of(tx.tenant).policy.label
    decision = asked(wanted.reason_code, last, label, (reason,))
    opener = Opener.HUMAN if by.kind in PEOPLE else Opener.RUNTIME
    opening = Opening(
        decision, opener, wanted.queue, wanted.priority, wanted.summary, wanted.told.trace
    )
    opened = open_escalation(tx, deps, head, opening, by=by, at=at)
    if wanted.as_ticket and opened.escalation.state is State.QUEUED and opened.created:
        contact_at = at + timedelta(seconds=deps.timings.contact)
        deferred = defer(tx, deps, opened.escalation, contact_at, by=by, at=at)
        return Opened(deferred, opened.card, created=True)
    return opened


def _store(tx: Transaction, deps: Deps, head: Head, wanted: Asked, at: datetime) -> Head:
    """Store what is new of the transcript, watched so that the bot can go on from it later."""
    turns = (*wanted.turns, *_state(wanted))
    known = tx.conversations.known(head.conversation_id, [turn.turn_id for turn in turns])
    redaction = deps.detectors.of(tx.tenant).policy.redaction
    for each in turns:
        turn = redaction.turn(each)
        mark = fingerprint(turn, deps.hash_key)
        stored = known.get(turn.turn_id)
        if stored is not None:
            if stored.fingerprint != mark:
                raise TurnConflict(f"turn {turn.turn_id!r} is stored with other content")
            continue
        head, placed = seal(tx, head, head.numbered(turn))
        head, _ = watch(deps, head, placed)
        head = head.counted(placed, at, deps.detectors.of(head.tenant).everyday)
        tx.conversations.save(head)  # the next turn may complete what this one begins
        tx.conversations.add_turns(head.conversation_id, [StoredTurn(placed, mark, at)])
    if head.turns > MAX_TURNS:
        raise Invalid(f"a conversation has at most {MAX_TURNS} turns: begin another")
    tx.conversations.save(head)
    return head


def _state(wanted: Asked) -> tuple[Turn, ...]:
    """Return the runtime's state as a turn of the bot: claims can cite it, and none is verified."""
    if not wanted.slots:
        return ()
    mark = fingerprint(Turn(turn_id="state", role=Role.BOT, slots=wanted.slots))[:12]
    return (Turn(turn_id=f"state-{mark}", role=Role.BOT, slots=wanted.slots),)

"""Take one turn: store it once, watch it, and open the escalation it calls for, all at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from handoff.domain.audit import Actor, ActorKind, AuditEntry
from handoff.domain.card import card_json
from handoff.domain.control import Controller
from handoff.domain.conversation import Head, StoredTurn, fingerprint
from handoff.domain.decision import Action, Decision
from handoff.domain.errors import Invalid, TurnConflict
from handoff.domain.escalation import Opener
from handoff.domain.ids import with_external
from handoff.domain.ports import Transaction
from handoff.domain.turn import Role, Turn
from handoff.services.deps import Deps
from handoff.services.meeting import meet, returning, welcome_back
from handoff.services.moving import found
from handoff.services.open import Opened, Opening, open_escalation
from handoff.services.sealing import heard, seal
from handoff.services.told import Told, informed, resumed
from handoff.services.views import View, control_view, decision_view, escalation_view

MAX_TURNS = 5_000
"""Of one conversation: its cards are made from all of them."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The answer for a turn, and what is to be done soon after (`follow_up` does it)."""

    answer: View
    replayed: bool = False
    """The turn was known."""
    stale: bool = False
    """The detector's state is to be rebuilt."""
    behind: str | None = None
    """The escalation whose card lacks what the customer just said."""


def observe(
    tx: Transaction,
    deps: Deps,
    conversation_id: str,
    turn: Turn,
    told: Told,
    *,
    by: Actor,
    at: datetime,
) -> Observed:
    """Return the answer for a turn that is redacted already; a known turn gets its first answer.

    So does a recogniser's text that a later one of the same turn has overtaken. Raises TurnConflict
    where the id is known with other content, and ControlLost where the bot asks to speak
    (`told.epoch`) without having the floor; then nothing is stored.
    """
    redaction = deps.detectors.of(tx.tenant).policy.redaction
    turn = redaction.turn(turn)
    if told.attributes:
        facts = redaction.facts(told.attributes)
        told = replace(told, attributes=with_external(facts, told.attributes))
    before, known = tx.conversations.before(conversation_id, turn.turn_id)
    head = informed(before, tx.tenant, conversation_id, told, at)
    if before is None:
        head = returning(tx, head)
    mark = fingerprint(turn, deps.hash_key)
    if known is not None and (known.fingerprint == mark or _outdated(turn, known.turn)):
        return Observed(known.answer, replayed=True)
    if known is not None and not _outdated(known.turn, turn):
        raise TurnConflict(f"turn {turn.turn_id!r} is stored with other content")
    if turn.role is Role.BOT and told.epoch is not None:
        head.control.check(told.epoch)
    if head.ended_at is not None and turn.role is Role.CUSTOMER:
        head = resumed(tx, head, by=by, at=at)
    if known is not None:
        return _revise(tx, deps, head, turn, mark, known, told.trace, by=by, at=at)
    return _take(tx, deps, head, head.numbered(turn), mark, told.trace, by=by, at=at)


def _take(
    tx: Transaction,
    deps: Deps,
    head: Head,
    turn: Turn,
    mark: str,
    trace: str | None,
    *,
    by: Actor,
    at: datetime,
) -> Observed:
    if head.turns >= MAX_TURNS:
        raise Invalid(f"a conversation has at most {MAX_TURNS} turns: begin another")
    after_handoff = turn.role is Role.BOT and head.control.holder is not Controller.BOT
    head, turn = seal(tx, head, turn)
    head, decision = watch(deps, head, turn, record=after_handoff)
    head = head.counted(turn, at, deps.detectors.of(head.tenant).everyday)
    opens = decision.action is Action.ESCALATE
    stored = StoredTurn(turn, mark, at, after_handoff)
    may_return = head.turns == 1 and head.customer_key is not None
    if not (opens or may_return or head.open_escalation or turn.role is Role.HUMAN):
        return _plain(tx, deps, head, stored, decision)
    tx.conversations.save(head)
    tx.conversations.add_turns(head.conversation_id, [stored])
    deps.at_point("after_turn")
    return _eventful(tx, deps, head, stored, decision, trace, by=by, at=at)


def watch(deps: Deps, head: Head, turn: Turn, *, record: bool = False) -> tuple[Head, Decision]:
    """Return the head with the detector's new state, and the decision on the turn.

    A turn that the recogniser may still revise and one after the conversation's end are not
    watched. What the bot says though it has not the floor is a `record`: never acted on, and
    watched only where the turns before it call for no handoff. So the order in which turns arrive
    does not count.
    """
    detector = deps.detectors.of(head.tenant)
    state = head.detector or detector.start(
        job=head.job,
        channel=head.channel,
        language=head.language,
        attributes=head.attributes,
    )
    state = detector.inform(state, job=head.job, language=head.language, attributes=head.attributes)
    quiet = Decision(Action.CONTINUE, 0.0, turn_index=turn.index or 0)
    if head.ended_at is not None or not turn.final or (record and handed_over(state)):
        return heard(head, head.evolve(detector=state), turn), quiet
    state, decision = detector.observe(state, turn)
    after = head.evolve(detector=state, policy=decision.policy)
    return heard(head, after, turn), quiet if record else decision


def handed_over(state: Mapping[str, JsonValue]) -> bool:
    """Tell whether a detector's state is that of a conversation that the bot should have left."""
    return state.get("escalated") is not None or state.get("human") is True


def _plain(
    tx: Transaction, deps: Deps, head: Head, stored: StoredTurn, decision: Decision
) -> Observed:
    """Store a turn that changes nothing but the detector's state."""
    answer = _answer(head, stored, decision, None)
    tx.conversations.save(head)
    tx.conversations.add_turns(head.conversation_id, [replace(stored, answer=answer)])
    deps.at_point("after_turn")
    _note(tx, deps, head, stored, decision)
    return Observed(answer, stale=head.stale)


def _eventful(
    tx: Transaction,
    deps: Deps,
    head: Head,
    stored: StoredTurn,
    decision: Decision,
    trace: str | None,
    *,
    by: Actor,
    at: datetime,
) -> Observed:
    """Answer a stored turn that opens an escalation, meets one, or brings a customer back."""
    turn = stored.turn
    _note(tx, deps, head, stored, decision)
    if turn.role is Role.CUSTOMER and turn.final:
        welcome_back(tx, deps, head, at)
    opened: Opened | None = None
    if decision.action is Action.ESCALATE:
        opening = Opening(decision, Opener.DETECTOR, trace=trace)
        opened = open_escalation(tx, deps, head, opening, by=by, at=at)
    current = tx.conversations.head(head.conversation_id) or head
    fresh = opened is not None and opened.created
    behind = meet(tx, deps, current, turn, at) if turn.final and not fresh else None
    current = tx.conversations.head(head.conversation_id) or head
    answer = _answer(current, stored, decision, opened or _open(tx, current))
    tx.conversations.answer(head.conversation_id, turn.turn_id, answer)
    if current.open_escalation is not None:
        told: dict[str, JsonValue] = {"turn_index": turn.index, "role": turn.role.value}
        tx.events.publish("conversation", head.conversation_id, told, at)
    return Observed(answer, stale=head.stale, behind=behind)


def _open(tx: Transaction, head: Head) -> Opened | None:
    if head.open_escalation is None:
        return None
    escalation = found(tx, head.open_escalation)
    card = tx.escalations.card(escalation.escalation_id)
    return Opened(escalation, card, created=False) if card else None


def _note(tx: Transaction, deps: Deps, head: Head, stored: StoredTurn, decision: Decision) -> None:
    """Audit what the policy did short of escalating: an offer, and rules in shadow."""
    noted: dict[str, View] = {}
    if decision.action is Action.OFFER:
        noted["offered"] = {}
    if decision.shadow:
        then = deps.detectors.of(head.tenant).policy.then
        rules = dict.fromkeys(reason.rule for reason in decision.shadow if reason.rule)
        noted["shadow"] = {"would": {rule: then.get(rule, Action.ESCALATE) for rule in rules}}
    for action, more in noted.items():
        tx.audit.append(
            AuditEntry(
                tenant=tx.tenant,
                at=stored.stored_at,
                actor=Actor(ActorKind.SYSTEM, "detector"),
                action=action,
                subject=head.conversation_id,
                conversation_id=head.conversation_id,
                details={"turn_index": stored.turn.index, **decision_view(decision), **more},
            )
        )


def _answer(head: Head, stored: StoredTurn, decision: Decision, opened: Opened | None) -> View:
    return {
        "conversation_id": head.conversation_id,
        "turn_id": stored.turn.turn_id,
        "turn_index": stored.turn.index,
        **decision_view(decision),
        "after_handoff": stored.after_handoff,
        "control": control_view(head.control),
        "escalation": escalation_view(opened.escalation) if opened else None,
        "card": card_json(opened.card) if opened and opened.created else None,
        "say": opened.say if opened else None,
        "return_brief": head.return_brief or None,
    }


def _outdated(turn: Turn, other: Turn) -> bool:
    """Tell whether `other` replaces `turn`: it is final, or as final and of a later revision.

    Recognisers send texts over and over, and networks reorder them: whatever comes last, the last
    final one is kept.
    """
    return turn.role is other.role and (turn.final, turn.revision) < (other.final, other.revision)


def _revise(
    tx: Transaction,
    deps: Deps,
    head: Head,
    turn: Turn,
    mark: str,
    known: StoredTurn,
    trace: str | None,
    *,
    by: Actor,
    at: datetime,
) -> Observed:
    """Replace a recogniser's earlier text: watched now if it was not final before, else rebuilt."""
    turn = turn.model_copy(update={"index": known.turn.index})
    decision = Decision(Action.CONTINUE, 0.0, turn_index=turn.index or 0)
    late = decision.turn_index + 1 < head.next_index
    head, turn = seal(tx, head, turn)
    if turn.final and not known.turn.final:
        # Heard in part while the bot had the floor, in full when it had it no more: a record.
        late_bot = turn.role is Role.BOT and head.control.holder is not Controller.BOT
        record = known.after_handoff or late_bot
        head, decision = watch(deps, head, turn, record=record)
    head = head.evolve(last_turn_at=at, stale=head.stale or known.turn.final or late)
    stored = replace(known, turn=turn, fingerprint=mark)
    tx.conversations.replace_turn(head.conversation_id, stored)
    tx.conversations.save(head)
    return _eventful(tx, deps, head, stored, decision, trace, by=by, at=at)

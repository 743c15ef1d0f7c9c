"""Do what an outside system says about an escalation it was given: once, whatever it repeats."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from handoff.domain.audit import Actor, ActorKind
from handoff.domain.connector import Acknowledgement, Acknowledging, Callback, Said
from handoff.domain.errors import Forbidden, IllegalMove, Invalid, NotFound, StaleVersion
from handoff.domain.escalation import LIVE, WAITING, AttemptResult, CloseOutcome, Escalation, State
from handoff.domain.ids import CARD_IN_ID, holds_card
from handoff.domain.lifecycle import Move
from handoff.domain.ports import Transaction
from handoff.domain.redaction import redact_json, redact_text
from handoff.domain.turn import MAX_BRIEF
from handoff.services import respond
from handoff.services.deps import Deps
from handoff.services.legs import report_leg
from handoff.services.moving import connectors_of, found, make
from handoff.services.speak import speak
from handoff.services.storable import storable

_OUTCOME = TypeAdapter(CloseOutcome)
_RESULT = TypeAdapter(AttemptResult | None)
_LONGEST_NAME = 200


def hear(deps: Deps, tenant: str, connector: str, callback: Callback) -> int:
    """Return how many new things a callback said, after they are done.

    Raises NotFound for a connector that is not configured or an escalation it was never given,
    Unauthenticated where the callback is forged, Invalid where it cannot be understood.
    """
    known = deps.connectors_for(tenant).get(connector)
    if known is None:
        raise NotFound(f"no connector {connector}")
    return _done(deps, tenant, connector, known.understand(callback))


def answer(deps: Deps, tenant: str, connector: str, callback: Callback) -> int | Acknowledgement:
    """Return how many new things a callback said, or the answer that its sender wants.

    Raises as `hear` does, but where the sender wants to be told in its own way that what a person
    asked for cannot be done: that is none of the wire's business. It will not say it again, so what
    can be done of one callback is done.
    """
    known = deps.connectors_for(tenant).get(connector)
    if not isinstance(known, Acknowledging):
        return hear(deps, tenant, connector, callback)
    said, refused = known.understand(callback), None
    for each in said:
        try:
            _done(deps, tenant, connector, (each,))
        except (Forbidden, IllegalMove, Invalid, NotFound, StaleVersion) as error:
            refused = refused or error.message
    return known.acknowledge(callback, refused)


def _done(deps: Deps, tenant: str, connector: str, said: tuple[Said, ...]) -> int:
    said = tuple(map(storable, said))
    if any(holds_card(each.event_id) for each in said):
        raise Invalid(CARD_IN_ID)

    def work(tx: Transaction) -> int:
        at = deps.clock()
        ids = dict.fromkeys(each.event_id for each in said)
        fresh = {event_id for event_id in ids if tx.access.first_time(connector, event_id, at)}
        for each in said:
            if each.event_id in fresh:
                _do(tx, deps, connector, each, at)
        return len(fresh)

    return deps.store.write(tenant, work)


def _do(tx: Transaction, deps: Deps, connector: str, said: Said, at: datetime) -> None:
    act = _VERBS.get(said.verb)
    if act is None:
        raise Invalid(f"no verb {said.verb!r}; there are: {', '.join(_VERBS)}")
    escalation = found(tx, said.escalation_id or _latest(tx, said.conversation_id))
    if connector not in connectors_of(tx, escalation):
        raise NotFound(f"no escalation {said.escalation_id or said.conversation_id}")
    act(_Heard(tx, deps, escalation, said, Actor(ActorKind.CONNECTOR, connector), at))


def _latest(tx: Transaction, conversation_id: str) -> str:
    """Return the escalation that a conversation is in, or was in last; empty if it has none."""
    head = tx.conversations.head(conversation_id)
    return (head.open_escalation or head.last_escalation or "") if head else ""


@dataclass(frozen=True, slots=True)
class _Heard:
    """One thing said, with what is needed to do it."""

    tx: Transaction
    deps: Deps
    escalation: Escalation
    said: Said
    by: Actor
    at: datetime

    @property
    def human(self) -> str:
        """Return who said it, masked."""
        return redact_text(self.said.by)[0][:_LONGEST_NAME]

    def text(self, name: str) -> str | None:
        """Return a text among the details, masked."""
        value, _ = redact_json(self.said.details.get(name))
        return value if isinstance(value, str) else None

    def claim(self) -> None:
        """Take it for the person named."""
        respond.claim(self.tx, self.deps, self.escalation, self.human, by=self.by, at=self.at)

    def accept(self) -> None:
        """Take what is reserved for the person named."""
        respond.accept(self.tx, self.deps, self.escalation, self.human, by=self.by, at=self.at)

    def assigned(self) -> Escalation:
        """Follow what the other side assigned: taken where it waited, else kept as a note."""
        owner = self.escalation.owner
        if owner is not None and owner != self.human:
            told = f"assigned to {self.human}"
            respond.note(self.tx, self.escalation, told, by=self.by, at=self.at)
        return self._taken(connected=self.escalation.channel != respond.VOICE)

    def message(self) -> None:
        """Say it to the customer in the name of the person; they have the floor by that."""
        text = self.text("text")
        if not text:
            raise Invalid("a message needs a text")
        speak(
            self.tx,
            self.deps,
            self.escalation,
            f"{self.by.name}:{self.said.event_id}",
            text,
            by=self.by,
            at=self.at,
            human=self.human,
        )

    def resolve(self) -> None:
        """Close what a person has dealt with over there, taken or not over here."""
        if self.escalation.state is State.CLOSED:
            return
        after = self._taken(connected=True)
        code = self.text("disposition")
        respond.dispose(
            self.tx, self.deps, after, CloseOutcome.RESOLVED, code, by=self.by, at=self.at
        )

    def _taken(self, *, connected: bool) -> Escalation:
        after = respond.taken(
            self.tx, self.deps, self.escalation, self.human, by=self.by, at=self.at
        )
        if connected and after.state is State.CONNECTING:
            after = make(self.tx, self.deps, after, Move.BRIDGED, by=self.by, at=self.at)
        return after

    def decline(self) -> None:
        """Give the reservation back."""
        respond.decline(
            self.tx, self.deps, self.escalation, self.text("why"), by=self.by, at=self.at
        )

    def release(self) -> None:
        """Put it back into its queue."""
        respond.release(
            self.tx, self.deps, self.escalation, self.text("why"), by=self.by, at=self.at
        )

    def note(self) -> None:
        """Keep a note, with who wrote it."""
        text = self.text("text")
        if not text:
            raise Invalid("a note needs a text")
        respond.note(self.tx, self.escalation, f"{self.human}: {text}", by=self.by, at=self.at)

    def dispose(self) -> None:
        """Close it."""
        try:
            outcome = _OUTCOME.validate_python(self.text("outcome") or CloseOutcome.RESOLVED)
        except ValidationError:
            raise Invalid(f"outcome must be one of: {', '.join(CloseOutcome)}") from None
        code = self.text("disposition")
        respond.dispose(self.tx, self.deps, self.escalation, outcome, code, by=self.by, at=self.at)

    def hand_back(self) -> None:
        """Return it to the bot with the brief."""
        brief, _ = redact_json(self.said.details.get("brief"))
        told = brief if isinstance(brief, dict) else {}
        if len(to_json(told)) > MAX_BRIEF:
            raise Invalid(f"a brief may have {MAX_BRIEF} bytes of JSON")
        respond.hand_back(self.tx, self.deps, self.escalation, told, by=self.by, at=self.at)

    def result(self) -> AttemptResult | None:
        """Return how a try ended, as told; raise Invalid if it is none of ours."""
        try:
            return _RESULT.validate_python(self.text("result"))
        except ValidationError:
            raise Invalid(f"result must be one of: {', '.join(AttemptResult)}") from None

    def leg(self) -> None:
        """Follow a telephone leg; one of an escalation that is over no longer matters."""
        if self.escalation.state in (*LIVE, State.WRAPPING):
            report_leg(
                self.tx,
                self.deps,
                self.escalation,
                (self.text("leg_id") or self.said.event_id)[:_LONGEST_NAME],
                self.text("state") or "",
                human=self.human or None,
                result=self.result(),
                by=self.by,
                at=self.at,
            )

    def reserved(self) -> None:
        """Follow that it is held for a person over there."""
        if self.escalation.state is State.QUEUED:
            respond.reserve(self.tx, self.deps, self.escalation, self.human, by=self.by, at=self.at)

    def unreserved(self) -> None:
        """Follow that the person it was held for, or put through to, did not take it."""
        it, result = self.escalation, self.result()
        if self.human not in (it.reserved_for, it.owner):
            return
        move = Move.DECLINE if result is AttemptResult.DECLINED else Move.EXPIRE
        if it.state is State.CONNECTING:
            move = Move.FAILED
        if it.state in (State.RESERVED, State.CONNECTING):
            make(self.tx, self.deps, it, move, by=self.by, at=self.at, attempt=result)

    def wrapping(self) -> None:
        """Follow that the talk is over and its person writes it up: they had the customer."""
        after = self._taken(connected=True) if self.escalation.state in WAITING else self.escalation
        if after.state is State.ACTIVE:
            make(self.tx, self.deps, after, Move.WRAP, by=self.by, at=self.at)

    def left(self) -> None:
        """Follow that the customer hung up or went away."""
        if self.escalation.state in LIVE:
            respond.abandon(self.tx, self.deps, self.escalation, by=self.by, at=self.at)


_VERBS: dict[str, Callable[[_Heard], object]] = {
    "claim": _Heard.claim,
    "accept": _Heard.accept,
    "assigned": _Heard.assigned,
    "message": _Heard.message,
    "resolve": _Heard.resolve,
    "decline": _Heard.decline,
    "release": _Heard.release,
    "note": _Heard.note,
    "dispose": _Heard.dispose,
    "return": _Heard.hand_back,
    "leg": _Heard.leg,
    "reserved": _Heard.reserved,
    "unreserved": _Heard.unreserved,
    "wrapping": _Heard.wrapping,
    "left": _Heard.left,
}
"""What an outside system may say, and who does it."""

"""What a turn does to the escalation it meets: people take the floor, customers come back."""

from datetime import datetime

from handoff.domain.audit import Actor, ActorKind
from handoff.domain.control import Controller
from handoff.domain.conversation import Head
from handoff.domain.escalation import WAITING, State
from handoff.domain.lifecycle import Move
from handoff.domain.ports import Transaction
from handoff.domain.turn import Role, Turn
from handoff.services.card_use import listen
from handoff.services.deps import Deps
from handoff.services.moving import found, make, set_control
from handoff.services.respond import spoke

CUSTOMER = Actor(ActorKind.CUSTOMER)
EARLIER = "earlier_escalations"
"""Attribute that tells the detector how often this customer was handed over about this job."""


def returning(tx: Transaction, head: Head) -> Head:
    """Return the head of a beginning conversation with what its customer went through before.

    What the runtime itself says of it stands.
    """
    if not head.customer_key or EARLIER in head.attributes:
        return head
    times = tx.escalations.opened_for(head.customer_key, head.job)
    return head.evolve(attributes={**head.attributes, EARLIER: times}) if times else head


def welcome_back(tx: Transaction, deps: Deps, head: Head, at: datetime) -> None:
    """Return a customer who left while waiting to the queue, with their first queue time."""
    left = tx.escalations.open_in(head.conversation_id)
    if left is None and head.customer_key:
        left = tx.escalations.abandoned_by(head.customer_key)
    if left is not None and left.state in (State.ABANDONED, State.WRAPPING):
        make(tx, deps, left, Move.CUSTOMER_BACK, by=CUSTOMER, at=at)


def meet(tx: Transaction, deps: Deps, head: Head, turn: Turn, at: datetime) -> str | None:
    """Let a final turn reach the open escalation; return its id if its card is behind now."""
    if turn.role is Role.HUMAN and turn.audible:
        _heard(tx, deps, head, turn, at)
    elif turn.role is Role.CUSTOMER and head.open_escalation is not None:
        escalation = found(tx, head.open_escalation)
        return escalation.escalation_id if escalation.state in WAITING else None
    return None


def _heard(tx: Transaction, deps: Deps, head: Head, turn: Turn, at: datetime) -> None:
    if head.open_escalation is None:
        # A person speaks though nothing was opened: the bot must not talk over them.
        floor = head.control.passed(Controller.HUMAN, "human")
        set_control(tx, head, floor, by=Actor(ActorKind.HUMAN), at=at)
        return
    escalation = found(tx, head.open_escalation)
    who = escalation.owner or escalation.reserved_for or "human"
    escalation = spoke(tx, deps, escalation, who, by=Actor(ActorKind.HUMAN, who), at=at)
    listen(tx, escalation, turn, at)

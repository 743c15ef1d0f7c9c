"""What a person may do with an escalation now: the lifecycle's moves, and who holds it."""

from enum import StrEnum

from handoff.domain.escalation import Escalation, State
from handoff.domain.lifecycle import Move, moves_from
from handoff.services.respond import VOICE


class Choice(StrEnum):
    """Something a page offers to do."""

    CLAIM = "claim"
    ACCEPT = "accept"
    DECLINE = "decline"
    MESSAGE = "message"
    NOTE = "note"
    HAND_BACK = "hand_back"
    CLOSE = "close"
    TRANSFER = "transfer"
    DEFER = "defer"
    RELEASE = "release"
    RATE = "rate"


NEEDS: dict[Choice, frozenset[Move]] = {
    Choice.CLAIM: frozenset({Move.CLAIM}),
    Choice.ACCEPT: frozenset({Move.ACCEPT}),
    Choice.DECLINE: frozenset({Move.DECLINE}),
    Choice.HAND_BACK: frozenset({Move.HAND_BACK}),
    Choice.CLOSE: frozenset({Move.DISPOSE, Move.WRAP}),
    Choice.TRANSFER: frozenset({Move.TRANSFER}),
    Choice.DEFER: frozenset({Move.DEFER}),
    Choice.RELEASE: frozenset({Move.RELEASE}),
}
"""Choice to the moves of which its state must allow one."""

OVERSEEING = frozenset({Choice.TRANSFER, Choice.RELEASE, Choice.CLOSE})
"""What a supervisor may do with what somebody else holds."""


def holder(escalation: Escalation) -> str | None:
    """Return who has it or whom it is held for."""
    return escalation.owner or escalation.reserved_for


def choices(escalation: Escalation, name: str, *, oversees: bool) -> frozenset[Choice]:
    """Return what `name` may do now; a note may always be left."""
    moves = set(moves_from(escalation.state))
    possible = {choice for choice, needed in NEEDS.items() if needed & moves}
    held_by = holder(escalation)
    if held_by == name and escalation.state is State.ACTIVE and escalation.channel != VOICE:
        possible.add(Choice.MESSAGE)
    if escalation.owner == name and escalation.accepted_at is not None:
        possible.add(Choice.RATE)
    if held_by not in (None, name):
        possible &= OVERSEEING if oversees else frozenset()
    return frozenset(possible | {Choice.NOTE})

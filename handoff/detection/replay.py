"""Runs a detector over whole conversations, and names how two policies differ in one."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from handoff.detection.detector import Detector
from handoff.domain.decision import Action, Decision
from handoff.domain.turn import Conversation


class Change(StrEnum):
    """How the first escalation of a conversation differs between an old and a new policy."""

    ONLY_NEW = "only_new"
    ONLY_OLD = "only_old"
    EARLIER = "earlier"
    LATER = "later"
    OTHER_REASON = "other_reason"
    SAME = "same"
    NEVER = "never"


CHANGES = tuple(one for one in Change if one not in (Change.SAME, Change.NEVER))
"""What there is to tell; the rest stays as it is."""


def decisions(detector: Detector, conversation: Conversation) -> Iterator[Decision]:
    """Yield the decision after each turn, as if the turns came in one after the other."""
    state = detector.start(
        job=conversation.job,
        channel=conversation.channel,
        language=conversation.language,
        attributes=conversation.attributes,
    )
    for turn in conversation.numbered():
        state, decision = detector.observe(state, turn)
        yield decision


def first_escalation(made: Iterable[Decision]) -> Decision | None:
    """Return the first decision to escalate, None if there is none; reads no further."""
    return next((one for one in made if one.action is Action.ESCALATE), None)


def until_turn(conversation: Conversation, index: int) -> Conversation:
    """Return the conversation as it was after the turn of an index."""
    turns = tuple(turn for turn in conversation.turns if (turn.index or 0) <= index)
    return conversation.model_copy(update={"turns": turns})


def change(old: Decision | None, new: Decision | None) -> Change:
    """Return how the new policy's first escalation differs from the old one's: when, then why."""
    if old is None or new is None:
        only = Change.ONLY_NEW if new else Change.ONLY_OLD
        return only if new or old else Change.NEVER
    if new.turn_index != old.turn_index:
        return Change.EARLIER if new.turn_index < old.turn_index else Change.LATER
    return Change.SAME if cause(new) == cause(old) else Change.OTHER_REASON


def cause(escalation: Decision) -> tuple[str | None, str | None, str]:
    """Return what makes an escalation another one: reason code, rule and signal."""
    first = escalation.reasons[0]
    return escalation.reason_code, first.rule, first.signal

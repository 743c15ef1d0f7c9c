"""Runs a detector over whole conversations, as if their turns came in one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass

from handoff.detection import Decision, Detector
from handoff.domain.turn import Conversation


@dataclass(frozen=True, slots=True)
class Played:
    """A conversation whose turns are numbered, and the decision after each of them."""

    conversation: Conversation
    decisions: tuple[Decision, ...]


def decisions(detector: Detector, conversation: Conversation) -> Iterator[Decision]:
    """Yield the decision after each turn of a conversation whose turns are numbered."""
    state = detector.start(
        job=conversation.job,
        channel=conversation.channel,
        language=conversation.language,
        attributes=conversation.attributes,
    )
    for turn in conversation.turns:
        state, decision = detector.observe(state, turn)
        yield decision


def play(detector: Detector, conversation: Conversation) -> Played:
    """Return the conversation with every decision that the detector makes in it."""
    return Played(conversation, tuple(decisions(detector, conversation)))

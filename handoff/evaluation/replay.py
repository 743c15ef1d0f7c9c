"""Whole conversations with every decision that a detector makes in them."""

from dataclasses import dataclass

from handoff.detection import Decision, Detector
from handoff.detection.replay import decisions
from handoff.domain.turn import Conversation

__all__ = ["Played", "decisions", "play"]


@dataclass(frozen=True, slots=True)
class Played:
    """A conversation whose turns are numbered, and the decision after each of them."""

    conversation: Conversation
    decisions: tuple[Decision, ...]


def play(detector: Detector, conversation: Conversation) -> Played:
    """Return the conversation with every decision that the detector makes in it."""
    return Played(conversation, tuple(decisions(detector, conversation)))

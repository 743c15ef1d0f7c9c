"""Escalation and human handoff for conversational AI agents."""

from handoff.cards import build_card
from handoff.detection import Detector, Policy
from handoff.domain.turn import Conversation, Turn

__all__ = ["Conversation", "Detector", "Policy", "Turn", "build_card"]

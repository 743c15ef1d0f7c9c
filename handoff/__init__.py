"""Escalation and human handoff for conversational AI agents."""

from handoff.cards import build_card
from handoff.detection import Detector, Policy
from handoff.domain.card import Card
from handoff.domain.decision import Action, Decision
from handoff.domain.turn import Conversation, Role, ToolCall, Turn

__all__ = [
    "Action",
    "Card",
    "Conversation",
    "Decision",
    "Detector",
    "Policy",
    "Role",
    "ToolCall",
    "Turn",
    "build_card",
]

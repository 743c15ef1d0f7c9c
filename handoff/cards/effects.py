"""How a tool call ended, in the words of a card."""

from handoff.domain.card import Outcome
from handoff.domain.turn import ToolCall


def outcome_of(call: ToolCall) -> Outcome:
    """Return how the call ended, as the runtime said."""
    if call.ok is None:
        return Outcome.UNKNOWN
    return Outcome.DONE if call.ok else Outcome.FAILED

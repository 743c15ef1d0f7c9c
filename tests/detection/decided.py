"""Decisions made up by hand."""

from handoff.domain.decision import Action, Decision, Reason


def escalating(turn_index: int, code: str = "a", signal: str = "s") -> Decision:
    """Return a decision to escalate."""
    reason = Reason(signal, None, 1.0, None, None, (turn_index,))
    return Decision(Action.ESCALATE, 0.9, (reason,), turn_index, code)

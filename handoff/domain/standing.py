"""Where an escalation stands, in the line that people at another system read of it.

Each system has signs of its own that names must not hold: how an owner's is shown is an argument.
"""

from collections.abc import Callable

from handoff.domain.escalation import Escalation

Shown = Callable[[str], str]
"""Makes a name what the other side shows as it is."""


def standing(escalation: Escalation, shown: Shown = str) -> str:
    """Return the state, who has it, and how it ended."""
    return f"{escalation.state}{_since(escalation, shown)}"


def placed(escalation: Escalation, shown: Shown = str) -> str:
    """Return the same with the queue and the priority, for whoever sees nothing else of it."""
    told = f"{escalation.state} in {escalation.queue}, priority {escalation.priority}"
    return f"{told}{_since(escalation, shown)}"


def ended(escalation: Escalation, shown: Shown = str) -> str:
    """Return the state, by whom it came to that, and how it ended or that nobody said."""
    who = f" by {shown(escalation.owner)}" if escalation.owner else ""
    return f"{escalation.state}{who}: {escalation.outcome or 'no outcome'}"


def _since(escalation: Escalation, shown: Shown) -> str:
    owner = f", {shown(escalation.owner)} has it" if escalation.owner else ""
    outcome = f": {escalation.outcome}" if escalation.outcome else ""
    return f"{owner}{outcome}"

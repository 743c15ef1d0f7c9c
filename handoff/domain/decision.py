"""What the detector decided about a turn, with the evidence that made it."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

Number = float | int


class Action(StrEnum):
    """What the runtime should do now."""

    CONTINUE = "continue"
    OFFER = "offer"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One signal that fired: how strongly, on what value against what threshold, on which turns."""

    signal: str
    strength: float
    value: JsonValue
    threshold: Number | None
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Evidence as it counted in a decision: `rule` names the policy rule, None where the score did.

    A rule over no signal (a policy trigger on attributes, say) has the rule's id as its signal.
    """

    signal: str
    rule: str | None
    strength: float
    value: JsonValue
    threshold: Number | None
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one turn. `score` is the calibrated stuck score, 0 to 1, and never latches."""

    action: Action
    score: float
    reasons: tuple[Reason, ...] = ()
    turn_index: int = 0
    reason_code: str | None = None
    """Why, in one of `domain.reasons` codes; None while the bot goes on."""
    queue: str | None = None
    priority: int | None = None
    policy: str = ""
    """`name@version` of the policy that decided; the version is its content hash."""
    shadow: tuple[Reason, ...] = ()
    """Rules in shadow mode that would have acted, each once in a conversation."""
    errors: tuple[str, ...] = ()
    """Conditions that could not be evaluated (`rule: cause`); they counted as false."""

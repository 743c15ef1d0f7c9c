"""Policies as the service keeps them: versions, which one was put in force when, and shadows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """One version of a tenant's policy, as it was written; never changed."""

    version: str
    """Hash of its content: the same content is the same version, whatever its layout."""
    name: str
    text: str
    added_at: datetime | None
    """None of the one that the settings name, as long as it is not stored."""
    added_by: str


@dataclass(frozen=True, slots=True)
class Activation:
    """A version put in force, as one more entry of a history that only grows."""

    sequence: int
    version: str
    at: datetime
    by: str
    why: str
    back: bool = False
    """It went back to what was in force before, instead of on to something new."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """What rules in shadow would have done on one turn, and what became of the conversation."""

    conversation_id: str
    job: str | None
    ended: bool
    turn_index: int
    policy: str
    would: dict[str, str]
    """Rule to `escalate` or `offer`."""
    escalated_at: tuple[int, ...]
    """Turn index of each escalation of the conversation, ascending."""


def standing(history: Iterable[Activation]) -> list[Activation]:
    """Return the activations that going back would pass, the one in force last; oldest first."""
    stack: list[Activation] = []
    for activation in history:
        if activation.back and stack:
            stack.pop()
        else:
            stack.append(activation)
    return stack

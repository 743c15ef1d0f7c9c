"""Conversations for the detector, and policies made from the shipped one."""

from collections.abc import Iterable

import yaml
from pydantic import JsonValue

from handoff.detection import Decision, Detector, Policy
from handoff.domain.turn import Turn

MINIMAL = "schema: handoff-policy/1\nname: test\n"


def policy(**parts: JsonValue) -> Policy:
    """Return a policy with only `parts`."""
    return Policy.load(MINIMAL + yaml.safe_dump(parts))


def decisions(
    detector: Detector, turns: Iterable[Turn], state: dict[str, JsonValue] | None = None
) -> list[Decision]:
    """Return the decision on each turn."""
    state = detector.start() if state is None else state
    told = []
    for turn in turns:
        state, decision = detector.observe(state, turn)
        told.append(decision)
    return told


def actions(detector: Detector, turns: Iterable[Turn]) -> list[str]:
    """Return the first letter of the action on each turn: c, o or e."""
    return [decision.action.value[0] for decision in decisions(detector, turns)]

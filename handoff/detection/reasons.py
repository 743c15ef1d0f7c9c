"""The reasons of a decision: the evidence that a rule rests on, or that moved the score."""

from collections.abc import Iterator
from typing import Final

from handoff.detection.moment import Moment
from handoff.detection.policy import CompiledRule
from handoff.domain.decision import Evidence, Reason

SHOWN: Final = 8
MOVED: Final = 0.1
"""Share of the logit below which evidence is not shown: it moved the score by nothing."""


def by_rule(moment: Moment, each: CompiledRule) -> tuple[Reason, ...]:
    """Return the evidence a rule rests on; a rule over no signal speaks for itself."""
    named = each.condition.signals
    evidence = [moment.fired[name] for name in moment.fired if named is None or name in named]
    if not evidence or "signals" not in each.condition.variables:
        return (by_itself(each.rule.id, moment.view.index),)
    evidence.sort(key=lambda known: known.strength, reverse=True)
    return tuple(as_reason(known, each.rule.id, moment.view.index) for known in evidence)


def by_itself(rule: str, index: int) -> Reason:
    """Return the reason a rule is by itself: its condition held."""
    return Reason(rule, rule, 1.0, value=True, threshold=None, turns=(index,))


def by_score(moment: Moment) -> tuple[Reason, ...]:
    """Return the evidence that moved the score, largest share first."""
    return tuple(_shares(moment))[:SHOWN]


def _shares(moment: Moment) -> Iterator[Reason]:
    weights = moment.plan.weights
    shares = {
        name: weights.get(name, 0.0) * level.strength for name, level in moment.levels.items()
    }
    for name in sorted(shares, key=lambda name: -shares[name]):
        if shares[name] >= MOVED:
            yield as_reason(moment.levels[name], None, moment.view.index)


def as_reason(evidence: Evidence, rule: str | None, index: int) -> Reason:
    """Return evidence as a reason; it rests on no turn after `index`."""
    turns = tuple(turn for turn in evidence.turns if turn <= index) or (index,)
    return Reason(
        evidence.signal,
        rule,
        round(evidence.strength, 4),
        evidence.value,
        evidence.threshold,
        turns,
    )

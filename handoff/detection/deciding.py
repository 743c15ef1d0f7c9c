"""From evidence to a decision: rules, the score, gates, the cool-down, and the reasons shown."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import cel
from pydantic import JsonValue

from handoff.detection.conditions import Condition, context, turn_fields
from handoff.detection.document import Rule
from handoff.detection.policy import CompiledRule, Plan, Policy
from handoff.detection.scoring import Levels
from handoff.detection.state import State, mapping, names, number, word
from handoff.domain.decision import Action, Decision, Evidence, Reason
from handoff.domain.text import TurnView
from handoff.domain.turn import Role
from handoff.signals import SIGNALS
from handoff.signals.human_request import EXPLICIT
from handoff.signals.human_request import NAME as HUMAN_REQUEST

SHOWN: Final = 8
MOVED: Final = 0.1
"""Share of the logit below which evidence is not shown: it moved the score by nothing."""

MOST_SHADOWS: Final = 40
"""Rules in shadow that are recorded of one conversation: their names are kept in its state."""

_CODES: Final = {signal.name: signal.reason for signal in SIGNALS}


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything a decision about one turn rests on."""

    state: State
    view: TurnView
    plan: Plan
    fired: dict[str, Evidence]
    levels: Levels
    score: float


@dataclass(frozen=True, slots=True)
class Cause:
    """What wants to act: a rule, or the score where `rule` is None."""

    rule: Rule | None
    reasons: tuple[Reason, ...]
    code: str


class Conditions:
    """Evaluates conditions against one moment; what no condition asks for is never computed."""

    def __init__(self, moment: Moment) -> None:
        """Keep the moment; nothing is evaluated yet."""
        self._moment = moment
        self.errors: list[str] = []

    def holding(self, rules: Iterable[CompiledRule]) -> list[CompiledRule]:
        """Return the rules whose condition is true; one that errs counts as false."""
        return [each for each in rules if self.holds(each)]

    def holds(self, each: CompiledRule) -> bool:
        """Return whether a rule's condition is true, noting its error if it has one."""
        condition, fired = each.condition, self._moment.fired
        if condition.idle is not None and not (condition.signals or frozenset()) & fired.keys():
            return condition.idle
        try:
            return condition.holds(self._context(condition))
        except ValueError as error:
            self.errors.append(f"{each.rule.id}: {error}")
            return False

    def _context(self, condition: Condition) -> cel.Context:
        moment = self._moment
        values: dict[str, Callable[[], JsonValue]] = {
            "signals": lambda: self._strengths(condition.signals),
            "turn": lambda: turn_fields(moment.view.turn, moment.view.text, moment.view.index),
            "slots": lambda: mapping(moment.state.get("slots")),
            "attributes": lambda: mapping(moment.state.get("attributes")),
            "job": lambda: moment.state.get("job"),
            "score": lambda: moment.score,
        }
        return context(condition.variables, values)

    def _strengths(self, named: frozenset[str] | None) -> dict[str, JsonValue]:
        fired = self._moment.fired
        return {
            name: fired[name].strength if name in fired else 0.0
            for name in (_CODES if named is None else named)
        }


def decide(moment: Moment, policy: Policy) -> tuple[Decision, State]:
    """Return the decision (without its policy's label) and what of the state it changes."""
    conditions = Conditions(moment)
    holding = conditions.holding(moment.plan.acts)
    acting = [each for each in holding if each.rule.mode == "on"]
    found = _because(moment, acting)
    blocked = _blocking(moment, conditions) if found and not _explicit(moment) else ()
    escalates = any(each.rule.then == "escalate" for each in acting)
    noted = names(moment.state.get("shadowed"))
    fresh = _in_shadow(holding, noted)
    base = Decision(
        Action.CONTINUE,
        max(moment.score, moment.plan.score.escalate_at) if escalates else moment.score,
        reasons=_by_score(moment),
        turn_index=moment.view.index,
        shadow=tuple(reason for each in fresh for reason in _by_rule(moment, each)),
        errors=tuple(conditions.errors),
    )
    if found and not blocked:
        decision, changes = _escalated(base, moment, policy, found)
    elif found:
        decision, changes = _delayed(base, moment, found, blocked)
    else:
        decision, changes = _offered(base, moment, acting)
    if fresh:
        changes["shadowed"] = [*noted, *(each.rule.id for each in fresh)]
    return decision, changes


def _in_shadow(holding: Iterable[CompiledRule], noted: tuple[str, ...]) -> list[CompiledRule]:
    """Return the rules in shadow that hold for the first time in this conversation.

    A record for every turn would tell no more and have no bound.
    """
    shadows = [each for each in holding if each.rule.mode == "shadow"]
    fresh = [each for each in shadows if each.rule.id not in noted]
    return fresh[: max(MOST_SHADOWS - len(noted), 0)]


def _because(moment: Moment, acting: Iterable[CompiledRule]) -> Cause | None:
    """Return what wants to escalate now, outside the cool-down."""
    if _cooling(moment):
        return None
    for each in acting:
        if each.rule.then == "escalate":
            return _cause(moment, each)
    if moment.fired and moment.score >= moment.plan.score.escalate_at:
        return _cause(moment, None)
    return _waiting(moment)


def _cause(moment: Moment, each: CompiledRule | None) -> Cause:
    own = _by_rule(moment, each) if each else ()
    named = {reason.signal for reason in own}
    rest = tuple(reason for reason in _by_score(moment) if reason.signal not in named)
    reasons = (*own, *rest)[:SHOWN]
    told = each.rule.reason if each else None
    rule = each.rule if each else None
    return Cause(rule, reasons, told or _CODES.get(reasons[0].signal, "policy"))


def _waiting(moment: Moment) -> Cause | None:
    """Return the escalation that a gate delayed: the customer's next turn ends its wait."""
    delayed = mapping(moment.state.get("delayed"))
    if not delayed or moment.view.role is not Role.CUSTOMER:
        return None
    rules = {each.rule.id: each.rule for each in moment.plan.acts}
    rule = rules.get(word(delayed.get("rule")) or "")
    since = number(delayed.get("index"))
    turns = (moment.view.index,) if since is None else (since, moment.view.index)
    signal = word(delayed.get("signal")) or "policy"
    strength = delayed.get("strength")
    level = float(strength) if isinstance(strength, int | float) else 0.0
    reason = Reason(signal, rule.id if rule else None, level, delayed.get("value"), None, turns)
    return Cause(rule, (reason,), word(delayed.get("code")) or "policy")


def _cooling(moment: Moment) -> bool:
    escalated, turns = number(moment.state.get("escalated")), number(moment.state.get("turns"))
    if escalated is None or turns is None:
        return False
    return turns - escalated <= moment.plan.score.cool_down


def _explicit(moment: Moment) -> bool:
    request = moment.fired.get(HUMAN_REQUEST)
    return request is not None and request.strength >= EXPLICIT


def _blocking(moment: Moment, conditions: Conditions) -> tuple[str, ...]:
    """Return the gates that delay an escalation now: one only once, and none that waits already."""
    if moment.state.get("delayed"):
        return ()
    passed = names(moment.state.get("passed"))
    return tuple(
        each.rule.id
        for each in moment.plan.gates
        if each.rule.id not in passed
        and each.rule.mode == "on"
        and conditions.holds(each) == (each.rule.then == "forbid")
    )


def _escalated(
    base: Decision, moment: Moment, policy: Policy, cause: Cause
) -> tuple[Decision, State]:
    rule = cause.rule
    queue = policy.queue(cause.code, word(moment.state.get("job")), rule.queue if rule else None)
    waiting = policy.routing.queues[queue]
    decision = replace(
        base,
        action=Action.ESCALATE,
        score=max(base.score, moment.plan.score.escalate_at),
        reasons=cause.reasons,
        reason_code=cause.code,
        queue=queue,
        priority=waiting.priority if rule is None or rule.priority is None else rule.priority,
    )
    return decision, {"escalated": moment.state.get("turns"), "delayed": None}


def _delayed(
    base: Decision, moment: Moment, cause: Cause, blocked: tuple[str, ...]
) -> tuple[Decision, State]:
    """Hold an escalation back once; the decision names the gates that did it."""
    first = cause.reasons[0]
    gates = tuple(_own(gate, moment.view.index) for gate in blocked)
    delayed: State = {
        "rule": cause.rule.id if cause.rule else None,
        "code": cause.code,
        "signal": first.signal,
        "strength": round(first.strength, 4),
        "value": first.value,
        "index": moment.view.index,
    }
    passed: list[JsonValue] = [*names(moment.state.get("passed")), *blocked]
    decision = replace(base, reasons=(*gates, *base.reasons))
    return decision, {"delayed": delayed, "passed": passed}


def _offered(
    base: Decision, moment: Moment, acting: Iterable[CompiledRule]
) -> tuple[Decision, State]:
    """Offer a person if a rule or the score says so, once in a conversation."""
    if moment.state.get("offered") is not None or _cooling(moment):
        return base, {}
    offering = next((each for each in acting if each.rule.then == "offer"), None)
    if offering is None and not (moment.fired and moment.score >= moment.plan.score.offer_at):
        return base, {}
    cause = _cause(moment, offering)
    decision = replace(base, action=Action.OFFER, reasons=cause.reasons, reason_code=cause.code)
    return decision, {"offered": moment.view.index}


def _by_rule(moment: Moment, each: CompiledRule) -> tuple[Reason, ...]:
    """Return the evidence a rule rests on; a rule over no signal speaks for itself."""
    named = each.condition.signals
    evidence = [moment.fired[name] for name in moment.fired if named is None or name in named]
    if not evidence or "signals" not in each.condition.variables:
        return (_own(each.rule.id, moment.view.index),)
    evidence.sort(key=lambda known: known.strength, reverse=True)
    return tuple(_reason(known, each.rule.id, moment.view.index) for known in evidence)


def _own(rule: str, index: int) -> Reason:
    """Return the reason a rule is by itself: its condition held."""
    return Reason(rule, rule, 1.0, value=True, threshold=None, turns=(index,))


def _by_score(moment: Moment) -> tuple[Reason, ...]:
    """Return the evidence that moved the score, largest share first."""
    return tuple(_shares(moment))[:SHOWN]


def _shares(moment: Moment) -> Iterator[Reason]:
    weights = moment.plan.weights
    shares = {
        name: weights.get(name, 0.0) * level.strength for name, level in moment.levels.items()
    }
    for name in sorted(shares, key=lambda name: -shares[name]):
        if shares[name] >= MOVED:
            yield _reason(moment.levels[name], None, moment.view.index)


def _reason(evidence: Evidence, rule: str | None, index: int) -> Reason:
    turns = tuple(turn for turn in evidence.turns if turn <= index) or (index,)
    return Reason(
        evidence.signal,
        rule,
        round(evidence.strength, 4),
        evidence.value,
        evidence.threshold,
        turns,
    )

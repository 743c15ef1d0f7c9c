"""From evidence to a decision: rules, the score, gates and the cool-down."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from pydantic import JsonValue

from handoff.detection.document import Rule
from handoff.detection.moment import Conditions, Moment
from handoff.detection.policy import CompiledRule, Policy
from handoff.detection.reasons import SHOWN, as_reason, by_itself, by_rule, by_score
from handoff.detection.state import State, mapping, names, number, word
from handoff.domain.decision import Action, Decision, Reason
from handoff.domain.turn import Role
from handoff.signals import SIGNALS
from handoff.signals.human_request import EXPLICIT
from handoff.signals.human_request import NAME as HUMAN_REQUEST
from handoff.signals.legal_or_complaint import NAME as COMPLAINT
from handoff.signals.vulnerable import NAME as VULNERABLE

MOST_SHADOWS: Final = 40
"""Rules in shadow that are recorded of one conversation: their names are kept in its state."""

_CODES: Final = {signal.name: signal.reason for signal in SIGNALS}


@dataclass(frozen=True, slots=True)
class Cause:
    """What wants to act: a rule, or the score where `rule` is None."""

    rule: Rule | None
    reasons: tuple[Reason, ...]
    code: str


def decide(moment: Moment, policy: Policy) -> tuple[Decision, State]:
    """Return the decision (without its policy's label) and what of the state it changes."""
    conditions = Conditions(moment)
    holding = conditions.holding(moment.plan.acts)
    acting = [each for each in holding if each.rule.mode == "on"]
    found = _because(moment, acting)
    blocked = _blocking(moment, conditions) if found and not _ungated(moment) else ()
    escalates = any(each.rule.then == "escalate" for each in acting)
    noted = names(moment.state.get("shadowed"))
    fresh = _in_shadow(holding, noted)
    base = Decision(
        Action.CONTINUE,
        max(moment.score, moment.plan.score.escalate_at) if escalates else moment.score,
        reasons=by_score(moment),
        turn_index=moment.view.index,
        shadow=tuple(reason for each in fresh for reason in by_rule(moment, each)),
        errors=tuple(conditions.errors),
    )
    if found and not blocked:
        decision, changes = _escalated(base, moment, policy, found)
    elif found:
        decision, changes = _delayed(base, moment, found, blocked)
    else:
        decision, changes = _offered(base, moment, acting)
        changes = {"armed": _armed(moment), **changes}
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
    """Return what wants to escalate now: outside the cool-down, unless somebody is in danger.

    That needs no rule; one that names the danger says with which queue and priority.
    """
    escalating = [each for each in acting if each.rule.then == "escalate"]
    if VULNERABLE in moment.fired:
        aware = (each for each in escalating if VULNERABLE in (each.condition.signals or ()))
        return _cause(moment, next(aware, None), first=VULNERABLE)
    if _cooling(moment):
        return None
    if escalating:
        return _cause(moment, escalating[0])
    if moment.fired and _armed(moment) and moment.score >= moment.plan.score.escalate_at:
        return _cause(moment, None)
    return _waiting(moment)


def _cause(moment: Moment, each: CompiledRule | None, first: str | None = None) -> Cause:
    """Return a rule's cause, or the score's; `first` is the signal that is named before all."""
    own = by_rule(moment, each) if each else ()
    if first is not None and not own:
        own = (as_reason(moment.fired[first], None, moment.view.index),)
    named = {reason.signal for reason in own}
    rest = tuple(reason for reason in by_score(moment) if reason.signal not in named)
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


def _armed(moment: Moment) -> bool:
    """Return whether the score fell low enough since it last escalated."""
    return moment.state.get("armed") is not False or _low(moment)


def _low(moment: Moment) -> bool:
    return moment.score < moment.plan.score.rearmed_below


def _ungated(moment: Moment) -> bool:
    """Return whether no gate may delay: a request for a person, a complaint, a danger."""
    request = moment.fired.get(HUMAN_REQUEST)
    asked = request is not None and request.strength >= EXPLICIT
    return asked or COMPLAINT in moment.fired or VULNERABLE in moment.fired


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
    return decision, {"escalated": moment.state.get("turns"), "armed": False, "delayed": None}


def _delayed(
    base: Decision, moment: Moment, cause: Cause, blocked: tuple[str, ...]
) -> tuple[Decision, State]:
    """Hold an escalation back once; the decision names the gates that did it."""
    first = cause.reasons[0]
    gates = tuple(by_itself(gate, moment.view.index) for gate in blocked)
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
    high = moment.fired and _armed(moment) and moment.score >= moment.plan.score.offer_at
    if offering is None and not high:
        return base, {}
    cause = _cause(moment, offering)
    decision = replace(base, action=Action.OFFER, reasons=cause.reasons, reason_code=cause.code)
    return decision, {"offered": moment.view.index}

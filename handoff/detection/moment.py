"""One moment of a conversation, as decisions see it, and which conditions hold in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import cel
from pydantic import JsonValue

from handoff.detection.conditions import Condition, context, turn_fields
from handoff.detection.policy import CompiledRule, Plan
from handoff.detection.scoring import Levels
from handoff.detection.state import State, mapping
from handoff.domain.decision import Evidence
from handoff.domain.text import TurnView
from handoff.signals import SIGNALS

_NAMES: Final = tuple(signal.name for signal in SIGNALS)


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything a decision about one turn rests on."""

    state: State
    view: TurnView
    plan: Plan
    fired: dict[str, Evidence]
    levels: Levels
    score: float


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
            for name in (_NAMES if named is None else named)
        }

"""Watches a conversation turn by turn and decides whether the bot should go on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from handoff.detection import scoring
from handoff.detection.deciding import decide
from handoff.detection.learned import Reading
from handoff.detection.meaning import installed
from handoff.detection.moment import Moment
from handoff.detection.phrases import PhraseBook, shipped
from handoff.detection.policy import Plan, Policy
from handoff.detection.reading import read_turn
from handoff.detection.state import (
    ATTRIBUTES_SIZE,
    SLOTS_SIZE,
    State,
    fresh,
    mapping,
    merged,
    number,
    word,
)
from handoff.domain.decision import Action, Decision, Evidence
from handoff.domain.text import Known, Sense, TurnView
from handoff.domain.turn import Role, Turn
from handoff.signals.abandonment_risk import NAME as RISK

_UPSET: Final = Turn(turn_id="warm", role=Role.CUSTOMER, text="this is useless")


class Detector:
    """Pure and O(1) per turn: the state is a plain dict of a few KB, never changed in place."""

    def __init__(
        self,
        policy: Policy,
        book: PhraseBook | None = None,
        reading: Reading | None = None,
        sense: Sense | None = None,
    ) -> None:
        """Watch by `policy`; `book` replaces the phrase packs, `reading` what was learned.

        `sense` replaces what tells the meaning of words: the extra `semantic`, if installed.
        """
        self.policy = policy
        self._reading = reading
        self._book = book or shipped()
        self._sense = sense or installed()

    def warm(self) -> None:
        """Compile and load now what the first turns would else wait for."""
        self._book.warm()
        self._sense("warm", "up")
        self.observe(self.start(), _UPSET)  # sentiment is weighed where words are bitter

    def start(
        self,
        job: str | None = None,
        channel: str | None = None,
        language: str | None = None,
        attributes: Mapping[str, JsonValue] | None = None,
    ) -> State:
        """Return the state of a new conversation."""
        state = {**fresh(), "channel": channel}
        return self.inform(state, job=job, language=language, attributes=attributes)

    def inform(
        self,
        state: Mapping[str, JsonValue],
        job: str | None = None,
        language: str | None = None,
        attributes: Mapping[str, JsonValue] | None = None,
    ) -> State:
        """Return `state` with what became known of the conversation; None leaves things as is."""
        known = mapping(state.get("attributes"))
        return {
            **state,
            "job": state.get("job") if job is None else job[:200],
            "language": state.get("language") if language is None else language[:35],
            "attributes": merged(known, attributes or {}, ATTRIBUTES_SIZE),
        }

    def everyday(self, intent: str) -> bool:
        """Tell whether a runtime's intent is a mere dialogue act, such as "greet" or "thanks"."""
        return self._book.everyday(intent)

    def observe(self, state: Mapping[str, JsonValue], turn: Turn) -> tuple[State, Decision]:
        """Return the new state and what to do after `turn`; turns come in `index` order.

        A turn that the recogniser may still revise (`final` false) changes nothing. While a human
        has the floor the bot is not judged, and afterwards it starts afresh.
        """
        last = number(state.get("index"))
        index = turn.index if turn.index is not None else (-1 if last is None else last) + 1
        if not turn.final:
            return dict(state), self._unmoved(state, index)
        slots = mapping(state.get("slots"))
        language = turn.language or word(state.get("language"))
        known = Known(
            slots,
            mapping(state.get("attributes")),
            word(state.get("job")),
            word(state.get("channel")),
            language,
        )
        view = read_turn(turn, index, known, self._book, self._sense)
        told = dict.fromkeys(turn.slots, "***") if turn.secure_capture else turn.slots
        after: State = {
            **state,
            "index": index,
            "turns": (number(state.get("turns")) or 0) + 1,
            "language": language,
            "slots": merged(slots, told, SLOTS_SIZE) if told else slots,
        }
        if turn.role is Role.HUMAN or (state.get("human") and turn.role is not Role.BOT):
            after.update(human=True, memory={}, levels={}, learned={}, score=0.0)
            after.update(delayed=None, escalated=None, armed=True)
            return after, self._unmoved(after, index)
        after["human"] = False
        return self._judged(after, view)

    def _judged(self, state: State, view: TurnView) -> tuple[State, Decision]:
        plan = self.policy.plan(word(state.get("job")))
        memory, fired = _observed(plan, mapping(state.get("memory")), view)
        earlier = {level.signal: level for level in scoring.unpacked(state.get("levels"))}
        spoke = view.role is Role.CUSTOMER
        left = scoring.faded(earlier, plan.score, spoke=spoke, progress=view.progress)
        levels = scoring.raised(left, fired)
        score = scoring.stuck(levels, plan.weights, plan.score.bias)
        state["levels"] = scoring.packed(levels)
        if reading := self._reading or plan.learned:
            known = mapping(state.get("learned"))
            state["learned"], score = reading.observe(known, view, levels, score)
            if view.role in reading.reads and score >= plan.score.offer_at:
                risk = Evidence(RISK, score, round(score, 3), plan.score.offer_at, (view.index,))
                fired = [*(one for one in fired if one.signal != RISK), risk]
                levels = {**levels, RISK: risk}
        moment = Moment(
            state=state,
            view=view,
            plan=plan,
            fired={evidence.signal: evidence for evidence in fired},
            levels=levels,
            score=score,
        )
        decision, changes = decide(moment, self.policy)
        state.update(memory=memory, score=round(decision.score, 6), **changes)
        return state, replace(decision, policy=self.policy.label)

    def _unmoved(self, state: Mapping[str, JsonValue], index: int) -> Decision:
        score = state.get("score")
        return Decision(
            Action.CONTINUE,
            float(score) if isinstance(score, int | float) else 0.0,
            turn_index=index,
            policy=self.policy.label,
        )


def _observed(
    plan: Plan, memories: Mapping[str, JsonValue], view: TurnView
) -> tuple[dict[str, JsonValue], list[Evidence]]:
    """Return what every signal remembers now, and the evidence of those that fired."""
    kept: dict[str, JsonValue] = {}
    fired: list[Evidence] = []
    for signal, settings in plan.signals:
        memory, evidence = signal.observe(mapping(memories.get(signal.name)), view, settings)
        if memory:
            kept[signal.name] = dict(memory)
        if evidence is not None:
            fired.append(evidence)
    return kept, fired

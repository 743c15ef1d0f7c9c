"""Compare two detectors over recorded conversations: what escalates, when, why, what differs."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import JsonValue

from handoff.detection import Detector
from handoff.domain.decision import Action, Decision
from handoff.domain.turn import Conversation
from handoff.services.views import View, reason_view

EXAMPLES = 10
"""Conversations that are shown of each difference."""


class Difference(StrEnum):
    """How what a new policy would have done differs from what an old one would have."""

    SAME = "same"
    ONLY_NEW = "only_new"
    ONLY_OLD = "only_old"
    EARLIER = "earlier"
    LATER = "later"
    OTHER_REASON = "other_reason"


SHOWN = tuple(each for each in Difference if each is not Difference.SAME)


@dataclass(slots=True)
class Comparison:
    """What was counted so far; `add` one conversation after the other, `view` at the end."""

    conversations: int = 0
    turns: int = 0
    new: Counter[str] = field(default_factory=Counter)
    """Reason code to the conversations that the new policy escalates for it."""
    old: Counter[str] = field(default_factory=Counter)
    jobs: dict[str | None, Counter[str]] = field(default_factory=dict)
    examples: dict[Difference, list[JsonValue]] = field(default_factory=dict)

    def add(self, conversation: Conversation, new: Decision | None, old: Decision | None) -> None:
        """Count a conversation by the first escalation that each policy makes in it."""
        kind = difference(new, old)
        self.conversations += 1
        self.turns += len(conversation.turns)
        job = self.jobs.setdefault(conversation.job, Counter())
        job["conversations"] += 1
        job[kind] += new is not None or old is not None
        for decision, reasons, side in ((new, self.new, "new"), (old, self.old, "old")):
            if decision is not None:
                reasons[decision.reason_code or "other"] += 1
                job[side] += 1
        shown = self.examples.setdefault(kind, [])
        if kind in SHOWN and len(shown) < EXAMPLES:
            shown.append(_example(conversation, kind, new, old))

    def view(self) -> View:
        """Return the counts, in all and by job, and examples of each difference."""
        total: Counter[str] = Counter()
        for counts in self.jobs.values():
            total.update(counts)
        jobs = sorted(self.jobs.items(), key=lambda job: (-job[1]["conversations"], job[0] or ""))
        return {
            **_counts(total),
            "turns": self.turns,
            "reasons": {"new": dict(self.new), "old": dict(self.old)},
            "jobs": [{"job": job, **_counts(counts)} for job, counts in jobs],
            "examples": [one for kind in SHOWN for one in self.examples.get(kind, ())],
        }


def first_escalation(detector: Detector, conversation: Conversation) -> Decision | None:
    """Return the first decision to escalate, None if there is none."""
    state = detector.start(
        job=conversation.job,
        channel=conversation.channel,
        language=conversation.language,
        attributes=conversation.attributes,
    )
    for turn in conversation.numbered():
        state, decision = detector.observe(state, turn)
        if decision.action is Action.ESCALATE:
            return decision
    return None


def difference(new: Decision | None, old: Decision | None) -> Difference:
    """Return how the new policy's first escalation differs from the old one's."""
    if new is None or old is None:
        if new is old:
            return Difference.SAME
        return Difference.ONLY_OLD if new is None else Difference.ONLY_NEW
    if new.turn_index != old.turn_index:
        earlier = new.turn_index < old.turn_index
        return Difference.EARLIER if earlier else Difference.LATER
    return Difference.SAME if _cause(new) == _cause(old) else Difference.OTHER_REASON


def _cause(decision: Decision) -> tuple[object, ...]:
    first = decision.reasons[0] if decision.reasons else None
    return decision.reason_code, first and first.signal, first and first.rule


def _counts(counts: Counter[str]) -> View:
    names = ("conversations", "new", "old", *Difference)
    return {str(name): counts[name] for name in names}


def _example(
    conversation: Conversation, kind: Difference, new: Decision | None, old: Decision | None
) -> JsonValue:
    return {
        "conversation_id": conversation.conversation_id,
        "job": conversation.job,
        "difference": kind.value,
        "new": _told(new),
        "old": _told(old),
    }


def _told(decision: Decision | None) -> JsonValue:
    if decision is None:
        return None
    return {
        "turn_index": decision.turn_index,
        "reason_code": decision.reason_code,
        "score": round(decision.score, 4),
        "reasons": [reason_view(reason) for reason in decision.reasons],
    }

"""Counts what two policies do with a service's conversations: what escalates, why, what differs."""

from collections import Counter
from dataclasses import dataclass, field

from pydantic import JsonValue

from handoff.detection.replay import CHANGES, Change, change
from handoff.domain.decision import Decision
from handoff.domain.turn import Conversation
from handoff.services.views import View, reason_view

EXAMPLES = 10
"""Conversations that are shown of each difference."""


@dataclass(slots=True)
class Comparison:
    """What was counted so far; `add` one conversation after the other, `view` at the end."""

    conversations: int = 0
    turns: int = 0
    new: Counter[str] = field(default_factory=Counter)
    """Reason code to the conversations that the new policy escalates for it."""
    old: Counter[str] = field(default_factory=Counter)
    jobs: dict[str | None, Counter[str]] = field(default_factory=dict)
    examples: dict[Change, list[JsonValue]] = field(default_factory=dict)

    def add(self, conversation: Conversation, new: Decision | None, old: Decision | None) -> None:
        """Count a conversation by the first escalation that each policy makes in it."""
        kind = change(old, new)
        self.conversations += 1
        self.turns += len(conversation.turns)
        job = self.jobs.setdefault(conversation.job, Counter())
        job["conversations"] += 1
        job[kind] += 1
        for decision, reasons, side in ((new, self.new, "new"), (old, self.old, "old")):
            if decision is not None:
                reasons[decision.reason_code or "other"] += 1
                job[side] += 1
        shown = self.examples.setdefault(kind, [])
        if kind in CHANGES and len(shown) < EXAMPLES:
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
            "examples": [one for kind in CHANGES for one in self.examples.get(kind, ())],
        }


def _counts(counts: Counter[str]) -> View:
    names = ("conversations", "new", "old", *CHANGES, Change.SAME)
    return {str(name): counts[name] for name in names}


def _example(
    conversation: Conversation, kind: Change, new: Decision | None, old: Decision | None
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

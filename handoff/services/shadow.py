"""What rules in shadow would have done, beside what came of those conversations without them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from handoff.domain.policies import Shadow
from handoff.domain.ports import Transaction
from handoff.services.views import View

EXAMPLES = 10

COLUMNS: dict[str, str] = {
    "rule": "A rule in shadow: recorded, never acted on.",
    "would": "What it would have done: escalate, or offer a person.",
    "conversations": "Conversations of the period in which it would have acted, each counted once.",
    "escalated_before": "Of these: escalated on an earlier turn all the same.",
    "escalated_same_turn": "Of these: escalated on that very turn all the same.",
    "escalated_after": "Of these: escalated only later.",
    "contained": "Of these: ended without ever being escalated.",
    "unfinished": "Of these: neither ended nor escalated yet.",
}
"""Figure to its definition; the page shows these sentences."""

COUNTS = tuple(COLUMNS)[2:]
TABLE = ("rule", "would", "job", *COUNTS)
"""Columns of the table with a row per rule and job."""


@dataclass(slots=True)
class _Effect:
    """What is counted of one rule while its records pass."""

    jobs: dict[str | None, dict[str, int]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    examples: list[JsonValue] = field(default_factory=list)
    policies: dict[str, None] = field(default_factory=dict)

    def add(self, shadow: Shadow) -> None:
        """Count a conversation, by the first time that the rule would have acted in it."""
        self.policies[shadow.policy] = None
        if shadow.conversation_id in self.seen:
            return
        self.seen.add(shadow.conversation_id)
        if len(self.examples) < EXAMPLES:
            self.examples.append(shadow.conversation_id)
        counts = self.jobs.setdefault(shadow.job, dict.fromkeys(COUNTS, 0))
        counts["conversations"] += 1
        counts[_outcome(shadow)] += 1


def shadows(tx: Transaction, since: datetime | None, until: datetime | None) -> list[View]:
    """Return a row per rule, the busiest first: its COUNTS, examples, policies, and by job."""
    effects: dict[tuple[str, str], _Effect] = {}
    for shadow in tx.reports.shadows(since, until):
        for rule, would in shadow.would.items():
            effects.setdefault((rule, would), _Effect()).add(shadow)
    rows = [_row(rule, would, effect) for (rule, would), effect in sorted(effects.items())]
    return sorted(rows, key=_busiest)


def by_job(rows: Iterable[View]) -> Iterator[View]:
    """Yield a row per rule and job, for a table that has no rows within rows."""
    for row in rows:
        for job in row["jobs"] if isinstance(row["jobs"], list) else ():
            yield {**row, **(job if isinstance(job, dict) else {})}


def _row(rule: str, would: str, effect: _Effect) -> View:
    jobs = sorted(effect.jobs.items(), key=lambda job: (-job[1]["conversations"], job[0] or ""))
    return {
        "rule": rule,
        "would": would,
        **{name: sum(counts[name] for _, counts in jobs) for name in COUNTS},
        "policies": [*effect.policies],
        "examples": effect.examples,
        "jobs": [{"job": job, **counts} for job, counts in jobs],
    }


def _busiest(row: View) -> int:
    count = row["conversations"]
    return -count if isinstance(count, int) else 0


def _outcome(shadow: Shadow) -> str:
    """Return the figure that a conversation counts under, by its first escalation."""
    if not shadow.escalated_at:
        return "contained" if shadow.ended else "unfinished"
    first = shadow.escalated_at[0]
    if first == shadow.turn_index:
        return "escalated_same_turn"
    return "escalated_before" if first < shadow.turn_index else "escalated_after"

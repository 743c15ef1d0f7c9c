"""Counts what came of fed conversations, by source and job, as a table or as JSON."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue
from rich.table import Table

from handoff.cli.feeding import Fed

EVERYTHING = "all"
"""The source of the last row."""
TOP = 3
"""Reasons shown in the table; JSON has them all."""


@dataclass(slots=True)
class Row:
    """The figures of one source and job, or of everything."""

    source: str
    job: str
    conversations: int = 0
    turns: int = 0
    escalated: int = 0
    """Conversations with at least one escalation."""
    offered: int = 0
    """Conversations in which the customer was offered a person."""
    escalations: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, fed: Fed) -> None:
        """Count a conversation."""
        escalations = fed.escalations.values()
        self.conversations += 1
        self.turns += len(fed.heard)
        self.escalated += bool(escalations)
        self.offered += any(heard.offered for heard in fed.heard)
        self.escalations += len(escalations)
        self.reasons.update(escalation.reason_code for escalation in escalations)

    def record(self, speed: float) -> dict[str, JsonValue]:
        """Return the row as JSON."""
        return {
            "source": self.source,
            "job": self.job,
            "conversations": self.conversations,
            "turns": self.turns,
            "escalated": self.escalated,
            "offered": self.offered,
            "escalations": self.escalations,
            "reasons": dict(self.reasons.most_common()),
            "turns_per_second": round(speed, 1),
        }


class Summary:
    """Rows by source and job in the order they came, and their sum."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rows: dict[tuple[str, str], Row] = {}
        self._seconds: dict[str, float] = {}
        self._turns: Counter[str] = Counter()
        self.total = Row(EVERYTHING, "")
        self.problems: list[str] = []

    def add(self, fed: Fed, seconds: float) -> None:
        """Count a conversation, and the seconds since the one before was through.

        One that was not taken is a problem and counts nowhere else.
        """
        recording = fed.recording
        if fed.problem is not None:
            self.problems.append(f"{recording.source}:{recording.number}: {fed.problem}")
            return
        source = Path(recording.source).name.partition(".")[0]
        job = recording.conversation.job or ""
        row = self._rows.setdefault((source, job), Row(source, job))
        for one in (row, self.total):
            one.add(fed)
            self._seconds[one.source] = self._seconds.get(one.source, 0.0) + seconds
            self._turns[one.source] += len(fed.heard)

    def speed(self, source: str) -> float:
        """Return the turns per second of a source; its jobs run mixed and share it."""
        seconds = self._seconds.get(source)
        return self._turns[source] / seconds if seconds else 0.0

    def record(self) -> dict[str, JsonValue]:
        """Return rows, sum and problems as JSON."""
        return {
            "rows": [row.record(self.speed(row.source)) for row in self._rows.values()],
            "total": self.total.record(self.speed(EVERYTHING)),
            "problems": list(self.problems),
        }

    def table(self) -> Table:
        """Return the summary as people read it."""
        drawn = Table("source", "job")
        for name in ("conversations", "turns", "escalated", "offered"):
            drawn.add_column(name, justify="right")
        drawn.add_column("top reasons")
        drawn.add_column("turns/s", justify="right")
        for row in self._rows.values():
            drawn.add_row(*_cells(row, self.speed(row.source)))
        drawn.add_section()
        drawn.add_row(*_cells(self.total, self.speed(EVERYTHING)), style="bold")
        return drawn


def _cells(row: Row, speed: float) -> tuple[str, ...]:
    numbers = (row.conversations, row.turns, row.escalated, row.offered)
    reasons = ", ".join(f"{code} {count:,}" for code, count in row.reasons.most_common(TOP))
    return row.source, row.job, *(f"{number:,}" for number in numbers), reasons, f"{speed:,.0f}"

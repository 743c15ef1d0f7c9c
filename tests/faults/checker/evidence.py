"""What is left of a run: rows, the clients' history, the receiver's ledger, exports, feeds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Row = dict[str, Any]
RESULTS = {
    "delivered": "confirmed",
    "delivery_failed": "pending",
    "delivery_unknown": "unknown",
    "delivery_refused": "refused",
    "delivery_dead": "dead",
}
"""Audit action of a result that was applied to the state it left the delivery in."""


@dataclass
class Evidence:
    """All of it, as plain values."""

    rows: dict[str, list[Row]]
    history: list[Row]
    ledger: list[Row]
    secret: str
    began: float
    ended: float
    keyed: bool = True
    """Whether the receiver remembers keys."""
    exports: list[list[Row]] = field(default_factory=list)
    """What the audit trail's export said, earlier ones first; of the tenant `default`."""
    log: str = ""
    faults: list[tuple[float, float]] = field(default_factory=list)
    settled_in: float | None = None
    feeds: list[list[Row]] = field(default_factory=list)
    resources: list[Row] = field(default_factory=list)
    connectors: tuple[str, ...] = ("desk", "webhook")
    canaries: tuple[str, ...] = ()
    """Secrets that clients said, which must be nowhere."""
    files: dict[str, bytes] = field(default_factory=dict)
    deadline: float = 15.0
    """Seconds that a receiver is given."""
    undisturbed: bool = False
    """Whether no process was killed or stopped."""

    @cached_property
    def trails(self) -> dict[str, list[Row]]:
        """Return tenant to its audit entries in order."""
        found: dict[str, list[Row]] = defaultdict(list)
        for entry in sorted(self.rows["audit_entries"], key=lambda one: one["sequence"]):
            found[entry["tenant"]].append(entry)
        return dict(found)

    @cached_property
    def escalations(self) -> dict[str, Row]:
        """Return id to escalation."""
        return {one["escalation_id"]: one for one in self.rows["escalations"]}

    @cached_property
    def about(self) -> dict[str, list[Row]]:
        """Return escalation id to the entries that carry one of its versions, in order."""
        found: dict[str, list[Row]] = defaultdict(list)
        for trail in self.trails.values():
            for entry in trail:
                if entry["version"] is not None and entry["subject"] in self.escalations:
                    found[entry["subject"]].append(entry)
        return dict(found)

    @cached_property
    def results(self) -> dict[str, list[Row]]:
        """Return delivery id to the entries of the results that were applied, in order."""
        found: dict[str, list[Row]] = defaultdict(list)
        for trail in self.trails.values():
            for entry in trail:
                if entry["action"] in RESULTS:
                    found[entry["details"]["delivery_id"]].append(entry)
        return dict(found)

    @cached_property
    def requests(self) -> dict[str, list[Row]]:
        """Return key to the requests that reached the receiver under it, in order."""
        found: dict[str, list[Row]] = defaultdict(list)
        for one in self.ledger:
            found[one["key"]].append(one)
        return dict(found)

    @cached_property
    def posted(self) -> dict[str, Row]:
        """Return id to the deliveries that go to the receiver."""
        return {
            one["delivery_id"]: one
            for one in self.rows["deliveries"]
            if one["connector"] == "webhook"
        }

    def turns_said(self) -> Iterator[tuple[Row, str]]:
        """Yield every try of a turn with its conversation."""
        for call in self.history:
            parts = call["path"].split("/")
            if call["method"] == "POST" and parts[2] == "conversations" and parts[-1] == "turns":
                yield call, "/".join(parts[3:-1])

    def moves(self) -> Iterator[tuple[Row, str, str]]:
        """Yield every try of a move with its escalation and its verb."""
        for call in self.history:
            parts = call["path"].split("/")
            if call["method"] == "POST" and parts[2] == "escalations" and len(parts) == 5:
                yield call, parts[3], parts[4]

    def disturbed(self, at: float) -> bool:
        """Tell whether something was broken on purpose around then."""
        return any(began - 1 <= at <= ended + 3 for began, ended in self.faults)


def good(call: Row) -> bool:
    """Tell whether a call was acknowledged."""
    return call["status"] is not None and 200 <= call["status"] < 300

"""Two runs of the same requests on two databases: equal answers, and equal rows at the end."""

import json
from collections.abc import Iterator
from typing import Any

import re2

from tests.faults.checker.evidence import Evidence

_ID = re2.compile(r"\b(esc|dlv|inc|msg)_[0-9a-f]{20,}\b")
_TIME = re2.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+]00:00)")


class _Names:
    """Gives every id a name by the order of its first appearance."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def plain(self, value: Any) -> Any:
        """Return a value without what differs from run to run."""
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        text = _TIME.sub("TIME", text)
        for found in _ID.finditer(text):
            kind = found.group(0).partition("_")[0]
            self._known.setdefault(found.group(0), f"{kind}#{len(self._known)}")
        for known, name in self._known.items():
            text = text.replace(known, name)
        return text


def equal(one: Evidence, other: Evidence) -> Iterator[str]:
    """Yield where two runs of the same requests differ."""
    names = _Names(), _Names()
    if len(one.history) != len(other.history):
        yield f"{len(one.history)} and {len(other.history)} tries"
    for left, right in zip(one.history, other.history, strict=False):
        told = [
            (names[n].plain(call["path"]), call["status"], names[n].plain(_answer(call)))
            for n, call in enumerate((left, right))
        ]
        if told[0] != told[1]:
            yield f"{told[0][0]}: {told[0][1:]} and {told[1][1:]}"
    for table, columns in ROWS.items():
        rows = [
            sorted(names[n].plain([row[name] for name in columns]) for row in run.rows[table])
            for n, run in enumerate((one, other))
        ]
        if rows[0] != rows[1]:
            different = set(rows[0]) ^ set(rows[1])
            yield f"{table}: {sorted(different)[:4]}"


ROWS = {
    "escalations": ("escalation_id", "conversation_id", "state", "version", "queue", "priority",
                    "reason_code", "owner", "outcome", "card_version"),
    "turns": ("conversation_id", "turn_id", "position", "turn", "after_handoff"),
    "deliveries": ("escalation_id", "connector", "event", "card_version", "state"),
    "conversations": ("conversation_id", "turns", "open_escalation", "control"),
}  # fmt: skip


def _answer(call: dict[str, Any]) -> Any:
    told = json.loads(call["answer"] or "null")
    return _still(told)


def _still(value: Any) -> Any:
    """Return an answer without durations."""
    if isinstance(value, dict):
        return {k: _still(v) for k, v in value.items() if k not in ("latency_ms", "waited_s")}
    return [_still(each) for each in value] if isinstance(value, list) else value

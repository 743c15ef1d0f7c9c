"""Shows how two policies differ on recordings: a table by job, one by conversation, and JSON."""

from collections.abc import Iterable, Sequence

from pydantic import JsonValue
from rich.table import Table
from rich.text import Text

from handoff.cli.figures import printable, share
from handoff.detection.replay import CHANGES, Change
from handoff.domain.decision import Decision
from handoff.evaluation.compare import Compared, Tally, by_job, tally
from handoff.evaluation.metrics import Confusion
from handoff.services.views import reason_view


def comparison_table(found: Sequence[Compared]) -> Table:
    """Return a row per source and job, and their sum: old → new."""
    drawn = Table("source", "job", caption="each figure: the old policy → the new one")
    for name in ("conv.", "escalated", *(change.value.replace("_", " ") for change in CHANGES)):
        drawn.add_column(name, justify="right")
    for name in ("precision", "recall"):
        drawn.add_column(name, justify="right")
    for (source, job), sums in by_job(found).items():
        drawn.add_row(*map(Text, (printable(source), printable(job), *_cells(sums))))
    drawn.add_section()
    drawn.add_row("all", "", *_cells(tally(found)), style="bold")
    return drawn


def differing_table(found: Iterable[Compared]) -> Table:
    """Return a row per conversation: what changed, and when and why either policy escalates."""
    drawn = Table("conversation", "job", "change", "old: turn and why", "new: turn and why")
    for one in found:
        change = one.change.value if one.change in CHANGES else "other turns"
        name, job = printable(one.conversation_id), printable(one.job)
        drawn.add_row(
            *map(Text, (name, job, change.replace("_", " "), _when(one.old), _when(one.new)))
        )
    return drawn


def comparison_record(found: Sequence[Compared], old: str, new: str) -> dict[str, JsonValue]:
    """Return everything as JSON: each conversation that either policy acts on, and the sums."""
    rows: list[JsonValue] = [
        {"source": source, "job": job, **_sums(sums)}
        for (source, job), sums in by_job(found).items()
    ]
    told: list[JsonValue] = [
        _conversation(one) for one in found if one.differs or one.new or one.old
    ]
    return {
        "policy": new,
        "against": old,
        "total": _sums(tally(found)),
        "jobs": rows,
        "conversations": told,
    }


def _cells(sums: Tally) -> tuple[str, ...]:
    old, new = sums.old, sums.new
    return (
        f"{sums.conversations:,}",
        _both(f"{sums.old_escalated:,}", f"{sums.new_escalated:,}"),
        *(f"{sums.changes[change]:,}" for change in CHANGES),
        _both(share(old.precision if old else None), share(new.precision if new else None)),
        _both(share(old.recall if old else None), share(new.recall if new else None)),
    )


def _both(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


def _when(escalation: Decision | None) -> str:
    """Return turn (counted from 1), reason code, and the rule or signal that came first."""
    if escalation is None:
        return "–"
    first = escalation.reasons[0]
    cause = f"rule {first.rule}" if first.rule else f"score, {first.signal} {first.strength:.2f}"
    return printable(f"{escalation.turn_index + 1}: {escalation.reason_code} ({cause})")


def _conversation(one: Compared) -> dict[str, JsonValue]:
    turns: list[JsonValue] = [
        {"turn_index": turn.turn, "old": turn.old.value, "new": turn.new.value}
        for turn in one.turns
    ]
    return {
        "conversation_id": one.conversation_id,
        "source": one.source,
        "job": one.job,
        "change": one.change.value,
        "old": _escalation(one.old),
        "new": _escalation(one.new),
        "turns": turns,
        "shadow": [*sorted(one.shadow)],
    }


def _escalation(escalation: Decision | None) -> JsonValue:
    if escalation is None:
        return None
    reasons: list[JsonValue] = [reason_view(reason) for reason in escalation.reasons]
    return {
        "turn_index": escalation.turn_index,
        "reason_code": escalation.reason_code,
        "reasons": reasons,
    }


def _sums(sums: Tally) -> dict[str, JsonValue]:
    return {
        "conversations": sums.conversations,
        "escalated": {"old": sums.old_escalated, "new": sums.new_escalated},
        "changes": {change.value: sums.changes[change] for change in Change},
        "old": _rightness(sums.old),
        "new": _rightness(sums.new),
        "reasons": dict(sums.reasons.most_common()),
        "shadow": dict(sums.shadow.most_common()),
    }


def _rightness(found: Confusion | None) -> JsonValue:
    if found is None:
        return None
    return {
        "precision": found.precision,
        "recall": found.recall,
        "f1": found.f1,
        "tp": found.tp,
        "fp": found.fp,
        "fn": found.fn,
        "tn": found.tn,
    }

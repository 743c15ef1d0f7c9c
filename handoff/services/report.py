"""What supervisors count: transfers by job and by intent, and one escalation's whole story."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from pydantic import JsonValue

from handoff.domain.audit import ChainedEntry
from handoff.domain.conversation import Head, StoredTurn
from handoff.domain.delivery import Delivery
from handoff.domain.escalation import Escalation
from handoff.domain.ports import Transaction
from handoff.domain.records import Tally
from handoff.services.moving import found, head_of
from handoff.services.views import View

COLUMNS: dict[str, str] = {
    "job": "What the bot claimed to do; empty where the runtime did not say.",
    "intent": "What the customer came for: their first intent that is no greeting or the like.",
    "conversations": "Conversations that began in the period.",
    "contained": "Ended without ever being escalated.",
    "containment": "Contained divided by contained plus escalations.",
    "escalations": "Escalations opened in those conversations.",
    "accepted": "Escalations that a human took.",
    "abandoned": "Escalations whose customer left while waiting.",
    "returned": "Escalations handed back to the bot.",
    "resolved": "Escalations closed as resolved.",
    "unresolved": "Escalations closed as unresolved, wrap-up time-outs among them.",
    "cancelled": "Escalations withdrawn before anybody took them.",
    "top_signal": "The signal that opened most of them.",
    "median_turn": "Median index of the turn that opened; from 0, on the page from 1.",
    "median_wait_s": "Median seconds from first queued to taken by a human.",
    "p90_wait_s": "The wait that nine of ten did not exceed, in seconds.",
    "median_handle_s": "Median seconds from connected to closed.",
}
"""Figure to its definition; handoff/OPERATING.md and the page show these sentences."""


def transfers(tx: Transaction, since: datetime | None, until: datetime | None) -> list[View]:
    """Return a row per job and intent, most escalations first, with the COLUMNS as keys."""
    tallies = tx.reports.tallies(since, until)
    return [_row(tally) for tally in sorted(tallies, key=_busiest)]


def _busiest(tally: Tally) -> tuple[int, int, str, str]:
    return -tally.escalations, -tally.conversations, tally.job or "", tally.intent or ""


def _row(tally: Tally) -> View:
    finished = tally.contained + tally.escalations
    top = Counter(tally.signals).most_common(1)
    return {
        "job": tally.job,
        "intent": tally.intent,
        "conversations": tally.conversations,
        "contained": tally.contained,
        "containment": round(tally.contained / finished, 3) if finished else None,
        "escalations": tally.escalations,
        "accepted": tally.accepted,
        "abandoned": tally.abandoned,
        "returned": tally.returned,
        "resolved": tally.outcomes.get("resolved", 0),
        "unresolved": tally.outcomes.get("unresolved", 0),
        "cancelled": tally.outcomes.get("cancelled", 0),
        "top_signal": top[0][0] if top else None,
        "median_turn": quantile(tally.turns, 0.5),
        "median_wait_s": quantile(tally.wait_s, 0.5),
        "p90_wait_s": quantile(tally.wait_s, 0.9),
        "median_handle_s": quantile(tally.handle_s, 0.5),
        "signals": dict(tally.signals),
        "reason_codes": dict(tally.reason_codes),
    }


def quantile(ascending: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank quantile of ascending values, rounded to a tenth; None of none."""
    if not ascending:
        return None
    return round(ascending[max(ceil(share * len(ascending)) - 1, 0)], 1)


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is known of one escalation, for one page."""

    escalation: Escalation
    head: Head
    turns: tuple[StoredTurn, ...]
    entries: tuple[ChainedEntry, ...]
    """Its audit entries and its conversation's, oldest first."""
    deliveries: tuple[Delivery, ...]
    card_versions: tuple[tuple[int, datetime], ...]


def story(tx: Transaction, escalation_id: str) -> Story:
    """Return an escalation's story; raise NotFound."""
    escalation = found(tx, escalation_id)
    entries = {
        chained.sequence: chained
        for subject in (escalation_id, escalation.conversation_id)
        for chained in tx.audit.of(subject)
    }
    return Story(
        escalation=escalation,
        head=head_of(tx, escalation),
        turns=tx.conversations.turns(escalation.conversation_id),
        entries=tuple(entries[sequence] for sequence in sorted(entries)),
        deliveries=tx.deliveries.of(escalation_id),
        card_versions=tx.escalations.card_versions(escalation_id),
    )


def csv_cell(value: JsonValue) -> str:
    """Return a value as a CSV cell's text that no spreadsheet takes for a formula (ASVS 1.2.10)."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and text.startswith(tuple("=+-@\t\r\0＝＋－＠")):
        return "'" + text
    return text


def csv_lines(columns: Sequence[str], rows: Iterable[View]) -> Iterable[str]:
    """Yield RFC 4180 lines: a header, then the rows' `columns`."""
    yield ",".join(columns) + "\r\n"
    for row in rows:
        cells = (csv_cell(row.get(column)) for column in columns)
        yield ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n"

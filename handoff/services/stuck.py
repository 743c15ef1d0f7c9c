"""The report of what the auditor found: what is stuck now, and what it mended."""

from datetime import datetime

from handoff.domain.audit import timestamp
from handoff.domain.ports import Transaction
from handoff.services.views import View

MOST = 1_000
COLUMNS = {
    "damage": "what is wrong, as handoff/OPERATING.md lists it",
    "subject": "the escalation, the delivery, or the connector of the account",
    "detail": "its state, or the event and the connector",
    "found_at": "when it was first found",
    "mended_at": "when the auditor mended it; empty: look at it",
}


def rows(tx: Transaction, since: datetime | None, until: datetime | None) -> list[View]:
    """Return what was found in a period, what is still wrong first."""
    return [
        {
            "damage": one.damage.value,
            "subject": one.subject,
            "detail": one.detail,
            "found_at": timestamp(one.found_at),
            "mended_at": timestamp(one.mended_at) if one.mended_at else None,
        }
        for one in tx.findings.list(MOST)
        if (since is None or one.found_at >= since) and (until is None or one.found_at < until)
    ]

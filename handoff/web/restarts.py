"""How often humans ask again for what the card says, and how cards are rated: a table and CSV."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from pydantic import JsonValue
from starlette.responses import Response

from handoff.services.card_use import COLUMNS, restart_rows
from handoff.services.report import csv_lines
from handoff.services.views import View
from handoff.web.errors import PageRoute
from handoff.web.filters import InPeriod, Period
from handoff.web.transfers import csv_answer
from handoff.web.visits import Counting, Visit

TABLED = (
    ("accepted", "Accepted"),
    ("seen", "Seen"),
    ("restarted", "Asked again"),
    ("restart_rate", "Rate"),
    ("useful", "Useful"),
    ("not_useful", "Not useful"),
)
UNKNOWN = "unknown"
"""Where no turn of a human is known, nothing is known of what they asked: that is not 0."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class RestartRow:
    """One job, intent, queue and card version."""

    job: str
    intent: str
    queue: str
    version: str
    cells: tuple[str, ...]
    most_asked: str
    most_wrong: str


@dataclass(frozen=True, slots=True)
class Restarts:
    """The part of the reports page about how cards are used."""

    rows: tuple[RestartRow, ...]
    headings: tuple[str, ...]
    told: str
    """The whole of it in a sentence."""
    definitions: dict[str, str]
    csv: str


@router.get("/reports/restarts.csv")
def restarts_csv(visit: Counting, period: InPeriod) -> Response:
    """Return the figures of a period, every column of them."""
    return csv_answer("restarts.csv", csv_lines(tuple(COLUMNS), _rows(visit, period)))


def restarts_of(visit: Visit, period: Period) -> Restarts:
    """Return the part of the reports page about how cards are used in a period."""
    rows = _rows(visit, period)
    return Restarts(
        rows=tuple(map(_row, rows)),
        headings=tuple(heading for _, heading in TABLED),
        told=_told(rows),
        definitions=COLUMNS,
        csv=f"/reports/restarts.csv{period.query}",
    )


def _rows(visit: Visit, period: Period) -> list[View]:
    start, end = period.start, period.end
    return visit.read(lambda tx: restart_rows(tx, start, end))


def _told(rows: Sequence[View]) -> str:
    seen, restarted = (sum(_whole(row[name]) for row in rows) for name in ("seen", "restarted"))
    if not seen:
        return "No turn of a human is known: nobody can tell what they asked."
    return f"In {restarted} of {seen} ({restarted / seen:.0%}) where the human's turns are known."


def _row(row: View) -> RestartRow:
    seen = _whole(row["seen"])
    return RestartRow(
        job=str(row["job"] or ""),
        intent=str(row["intent"] or ""),
        queue=str(row["queue"]),
        version=str(row["card_version"]),
        cells=tuple(_cell(name, row[name], seen) for name, _ in TABLED),
        most_asked=str(row["most_asked"] or ""),
        most_wrong=str(row["most_wrong"] or ""),
    )


def _cell(name: str, value: JsonValue, seen: int) -> str:
    if name in ("restarted", "restart_rate") and not seen:
        return UNKNOWN
    return f"{value:.0%}" if isinstance(value, float) else str(value)


def _whole(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0

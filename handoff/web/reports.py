"""Counts by job and by intent, each with its definition, as a page and as CSV."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter
from pydantic import JsonValue
from starlette.responses import Response

from handoff.domain.reasons import sentence
from handoff.services.report import COLUMNS, csv_lines, transfers
from handoff.services.views import View
from handoff.web.errors import PageRoute
from handoff.web.filters import Filters, InPeriod, Period
from handoff.web.incidents import Banner, banners
from handoff.web.pages import Page, shown
from handoff.web.restarts import Restarts, restarts_of
from handoff.web.transfers import csv_answer
from handoff.web.visits import Counting

BAR = 100.0
"""Width of a full bar, in units of its drawing."""
LISTED = 12
"""Bars of a chart at most."""
SUMMED = ("conversations", "contained", "escalations", "accepted", "abandoned", "returned")
TABLED = (
    ("conversations", "Conversations"),
    ("contained", "Contained"),
    ("escalations", "Escalated"),
    ("accepted", "Accepted"),
    ("abandoned", "Abandoned"),
    ("returned", "Returned"),
    ("resolved", "Resolved"),
    ("unresolved", "Unresolved"),
    ("median_turn", "Turn, median"),
    ("median_wait_s", "Wait s, median"),
    ("p90_wait_s", "Wait s, p90"),
    ("median_handle_s", "Handling s, median"),
)
"""The columns of the page's table; the CSV has all of them."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Bar:
    """A labelled share, drawn."""

    label: str
    count: int
    width: float
    href: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """A row of the report."""

    job: str
    intent: str
    cells: tuple[str, ...]
    top_signal: str
    contained: float
    """Width of the contained part of the bar; what was escalated follows."""
    escalated: float
    containment: str
    href: str


@dataclass(frozen=True, slots=True)
class Total:
    """One figure over all rows."""

    label: str
    value: str
    explains: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsPage(Page):
    """How many conversations needed a person, why, and what came of it."""

    template: ClassVar[str] = "supervisor/reports.html"
    incidents: tuple[Banner, ...]
    period: Period
    totals: tuple[Total, ...]
    headings: tuple[str, ...]
    counts: tuple[Count, ...]
    signals: tuple[Bar, ...]
    reasons: tuple[Bar, ...]
    restarts: Restarts
    definitions: dict[str, str]
    csv: str


@router.get("/reports")
def reports(visit: Counting, period: InPeriod) -> Response:
    """Show the counts of a period."""
    rows = visit.rows(transfers, period)
    return shown(
        ReportsPage(
            frame=visit.frame("Reports"),
            incidents=visit.read(lambda tx: banners(tx, "/transfers", visit.at)),
            period=period,
            totals=tuple(_totals(rows)),
            headings=tuple(heading for _, heading in TABLED),
            counts=tuple(_count(row, period) for row in rows),
            signals=tuple(Bar(name, count, width) for name, count, width in _bars(rows, "signals")),
            reasons=tuple(
                Bar(sentence(code), count, width, _transfers(Filters(period, reason=code)))
                for code, count, width in _bars(rows, "reason_codes")
            ),
            restarts=restarts_of(visit, period),
            definitions=COLUMNS,
            csv=f"/reports.csv{period.query}",
        )
    )


@router.get("/reports.csv")
def reports_csv(visit: Counting, period: InPeriod) -> Response:
    """Return the counts of a period, every column of them."""
    return csv_answer("reports.csv", csv_lines(tuple(COLUMNS), visit.rows(transfers, period)))


def _totals(rows: Sequence[View]) -> Iterator[Total]:
    """Yield the figures that can be added up; medians of medians would mean nothing."""
    sums = {name: sum(_whole(row[name]) for row in rows) for name in SUMMED}
    for name in SUMMED:
        yield Total(name.capitalize(), str(sums[name]), COLUMNS[name])
    finished = sums["contained"] + sums["escalations"]
    share = f"{sums['contained'] / finished:.0%}" if finished else "–"
    yield Total("Containment", share, COLUMNS["containment"])


def _count(row: View, period: Period) -> Count:
    job, intent = str(row["job"] or ""), str(row["intent"] or "")
    contained, escalated = _whole(row["contained"]), _whole(row["escalations"])
    conversations = max(_whole(row["conversations"]), contained + escalated, 1)
    containment = row["containment"]
    return Count(
        job=job,
        intent=intent,
        cells=tuple(_cell(name, row[name]) for name, _ in TABLED),
        top_signal=str(row["top_signal"] or ""),
        contained=round(BAR * contained / conversations, 1),
        escalated=round(BAR * escalated / conversations, 1),
        containment=f"{containment:.0%}" if isinstance(containment, int | float) else "–",
        href=_transfers(Filters(period, job=job, intent=intent)),
    )


def _bars(rows: Sequence[View], name: str) -> list[tuple[str, int, float]]:
    """Return label, count and width of each thing counted under `name`, the most frequent first."""
    counted: Counter[str] = Counter()
    for row in rows:
        part = row[name]
        counted.update({k: _whole(v) for k, v in part.items()} if isinstance(part, dict) else {})
    most = max(counted.values(), default=1)
    return [(label, n, round(BAR * n / most, 1)) for label, n in counted.most_common(LISTED)]


def _transfers(filters: Filters) -> str:
    return f"/transfers{filters.query()}"


def _whole(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0


def _cell(name: str, value: JsonValue) -> str:
    if isinstance(value, int | float) and name == "median_turn":
        value += 1  # people count turns from 1
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

"""What rules in shadow would have done, as a page and as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter
from pydantic import JsonValue
from starlette.responses import Response

from handoff.services.report import csv_lines
from handoff.services.shadow import COLUMNS, COUNTS, TABLE, by_job, shadows
from handoff.services.views import View
from handoff.web.errors import PageRoute
from handoff.web.filters import InPeriod, Period
from handoff.web.pages import Page, shown
from handoff.web.transfers import csv_answer
from handoff.web.visits import Counting

HEADINGS = (
    "Conversations",
    "Escalated before",
    "Same turn",
    "Later",
    "Contained",
    "Unfinished",
)
"""Of the COUNTS, in their order."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule, all jobs together or one of them."""

    rule: str
    would: str
    job: str
    cells: tuple[str, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowPage(Page):
    """Per rule: in how many conversations it would have acted, and what came of them."""

    template: ClassVar[str] = "supervisor/shadow.html"
    period: Period
    headings: tuple[str, ...]
    rules: tuple[RuleRow, ...]
    jobs: tuple[RuleRow, ...]
    definitions: dict[str, str]
    csv: str


@router.get("/reports/shadow")
def shadow(visit: Counting, period: InPeriod) -> Response:
    """Show what rules in shadow would have done in a period."""
    rows = visit.rows(shadows, period)
    return shown(
        ShadowPage(
            frame=visit.frame("Rules in shadow"),
            period=period,
            headings=HEADINGS,
            rules=tuple(_row(row) for row in rows),
            jobs=tuple(_row(row) for row in by_job(rows)),
            definitions=COLUMNS,
            csv=f"/reports/shadow.csv{period.query}",
        )
    )


@router.get("/reports/shadow.csv")
def shadow_csv(visit: Counting, period: InPeriod) -> Response:
    """Return a row per rule and job."""
    return csv_answer("shadow.csv", csv_lines(TABLE, by_job(visit.rows(shadows, period))))


def _row(row: View) -> RuleRow:
    return RuleRow(
        rule=str(row["rule"]),
        would=str(row["would"]),
        job=str(row.get("job") or ""),
        cells=tuple(str(row[name]) for name in COUNTS),
        examples=_texts(row["examples"]),
    )


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, Sequence) else ()

"""Reports for supervisors, as JSON and as CSV."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import json_answer
from handoff.api.fields import Body, Instant
from handoff.domain.errors import NotFound
from handoff.domain.ports import Transaction
from handoff.services import card_use, shadow, stuck
from handoff.services.report import COLUMNS, csv_lines, transfers
from handoff.services.views import View

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=Guarded)


@dataclass(frozen=True, slots=True)
class Report:
    """What makes a report's rows, the figures with their definitions, and how it is a table."""

    rows: Callable[[Transaction, datetime | None, datetime | None], list[View]]
    columns: dict[str, str]
    table: tuple[str, ...]
    flat: Callable[[list[View]], Iterable[View]] = iter


REPORTS = {
    "transfers": Report(transfers, COLUMNS, tuple(COLUMNS)),
    "restarts": Report(card_use.restart_rows, card_use.COLUMNS, tuple(card_use.COLUMNS)),
    "shadow": Report(shadow.shadows, shadow.COLUMNS, shadow.TABLE, shadow.by_job),
    "stuck": Report(stuck.rows, stuck.COLUMNS, tuple(stuck.COLUMNS)),
}


class Period(Body):
    """Conversations that began in here are counted."""

    since: Instant | None = None
    until: Instant | None = None
    form: Literal["json", "csv"] = Field(default="json", alias="format")


@router.get("/{name}", summary="Counts: `transfers`, `restarts` (asked again), `shadow`, `stuck`")
def report(asked: Asking, name: str, period: Annotated[Period, Query()]) -> Response:
    """Return a report's rows."""
    if name not in REPORTS:
        raise NotFound(f"no report {name[:100]}; there are: {', '.join(REPORTS)}")
    made = REPORTS[name]
    rows = asked.read(lambda tx: made.rows(tx, period.since, period.until))
    if period.form == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        text = "".join(csv_lines(made.table, made.flat(rows)))
        return Response(text, headers=headers, media_type="text/csv")
    items: list[JsonValue] = [*rows]
    return json_answer({"items": items, "columns": {**made.columns}})

"""Reports for supervisors, as JSON and as CSV."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import json_answer
from handoff.api.fields import Body, Instant
from handoff.domain.errors import NotFound
from handoff.services.report import COLUMNS, csv_lines, transfers

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=Guarded)

REPORTS = {"transfers": (transfers, COLUMNS)}
"""Name to what makes the rows, and the columns with their definitions."""


class Period(Body):
    """Conversations that began in here are counted."""

    since: Instant | None = None
    until: Instant | None = None
    form: Literal["json", "csv"] = Field(default="json", alias="format")


@router.get("/{name}", summary="Counts by job and intent")
def report(asked: Asking, name: str, period: Annotated[Period, Query()]) -> Response:
    """Return a report's rows."""
    if name not in REPORTS:
        raise NotFound(f"no report {name[:100]}; there are: {', '.join(REPORTS)}")
    make, columns = REPORTS[name]
    rows = asked.read(lambda tx: make(tx, period.since, period.until))
    if period.form == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        text = "".join(csv_lines(tuple(columns), rows))
        return Response(text, headers=headers, media_type="text/csv")
    items: list[JsonValue] = [*rows]
    return json_answer({"items": items, "columns": {**columns}})

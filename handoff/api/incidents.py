"""Incidents: many escalations for one cause, and where they are now."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import json_answer
from handoff.api.paging import Paged, listing
from handoff.domain.ports import Transaction
from handoff.domain.records import Listed
from handoff.services.views import View, incident_view

router = APIRouter(prefix="/v1/incidents", tags=["incidents"], route_class=Guarded)


class Filter(Paged):
    """Which incidents to list."""

    open: bool = Field(default=False, description="only those that go on")


@router.get("", summary="List them, newest first, with where their escalations are")
def list_them(asked: Asking, where: Annotated[Filter, Query()]) -> Response:
    """Return a page of incidents."""

    def read(tx: Transaction) -> Listed[View]:
        found = tx.incidents.list(still_open=where.open, page=where.page())
        views = (incident_view(one, tx.incidents.standing(one.incident_id)) for one in found.items)
        return Listed(tuple(views), found.cursor)

    return json_answer(listing(asked.read(read), dict))

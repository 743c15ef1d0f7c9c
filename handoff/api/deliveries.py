"""Deliveries: what was sent where, and sending it again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import Changing, json_answer
from handoff.api.fields import Name
from handoff.api.paging import Paged, listing
from handoff.domain.delivery import DeliveryState
from handoff.domain.ports import Transaction
from handoff.services.once import Answer
from handoff.services.replay import replay
from handoff.services.views import delivery_view

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], route_class=Guarded)


class Filter(Paged):
    """Which deliveries to list."""

    state: DeliveryState | None = None
    connector: Name | None = None


@router.get("", summary="List them, newest first")
def list_them(asked: Asking, where: Annotated[Filter, Query()]) -> Response:
    """Return a page of deliveries."""
    page = where.page()
    found = asked.read(lambda tx: tx.deliveries.list(where.state, where.connector, page))
    return json_answer(listing(found, delivery_view))


@router.post("/{delivery_id}/replay", summary="Send one again, under its old id")
def send_again(
    change: Changing, delivery_id: Annotated[str, Path(min_length=1, max_length=100)]
) -> Response:
    """Return the delivery, due now."""

    def work(tx: Transaction, at: datetime) -> Answer:
        return Answer(200, delivery_view(replay(tx, delivery_id, by=change.by, at=at)))

    return change.answer(None, work)

"""Pointers: which card a telephone call is about, from the header that travelled with it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import JsonValue
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import json_answer
from handoff.domain.audit import timestamp
from handoff.services.forms import card_link, follow
from handoff.services.moving import found

router = APIRouter(prefix="/v1/pointers", tags=["escalations"], route_class=Guarded)


@router.get("", summary="Find the escalation of a call by its User-to-User header")
def read_one(
    asked: Asking,
    header: Annotated[str, Query(max_length=2_000, description="its value, as it arrived")],
) -> Response:
    """Return the escalation's id and where its card is."""
    pointer = follow(asked.deps, header, asked.deps.clock())
    escalation = asked.read(lambda tx: found(tx, pointer.escalation_id))
    told: dict[str, JsonValue] = {
        "escalation_id": escalation.escalation_id,
        "card_url": card_link(asked.deps.base_url, escalation.escalation_id),
        "expires_at": timestamp(pointer.expires_at),
    }
    return json_answer(told)

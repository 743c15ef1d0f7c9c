"""What others build against: the tools for a bot's model, and the card's schema."""

from fastapi import APIRouter
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import json_answer
from handoff.domain.card import card_schema
from handoff.domain.tools import TOOLS

router = APIRouter(prefix="/v1", tags=["reference"], route_class=Guarded)


@router.get("/tools", summary="Tools a bot's model may call to get a person")
def tools(_: Asking) -> Response:
    """Return the tools as function schemas."""
    return json_answer({"items": [*TOOLS]})


@router.get("/schemas/handoff-card-1.json", summary="JSON Schema of the handoff card")
def schema() -> Response:
    """Return the schema of `handoff-card/1`."""
    return json_answer(card_schema())

"""Turns: the hot path. What a customer and a bot say comes in here, every turn of it."""

import asyncio
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

from fastapi.openapi.constants import REF_TEMPLATE
from pydantic import BaseModel, Field, JsonValue, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from handoff.api.asking import QUICK_BYTES, Asked, admitted, read_body
from handoff.api.changing import json_answer
from handoff.api.errors import BadFields, on_handoff_error
from handoff.api.fields import About, no_card, visible
from handoff.api.posted import Posted, kept
from handoff.api.scopes import SCOPES
from handoff.domain.errors import HandoffError
from handoff.domain.ports import Transaction
from handoff.domain.trace import HEADER, traceparent
from handoff.domain.turn import Turn
from handoff.services.follow_up import follow_up
from handoff.services.observe import Observed, observe
from handoff.services.told import Told

PATH = "/v1/conversations/{conversation_id}/turns"
_ALLOWED = SCOPES[f"POST {PATH}"]
_BEFORE, _AFTER = PATH.split("{conversation_id}")
_LONGEST_ID = 200
_NOTHING_TOLD = Told()


class Beside(BaseModel):
    """What may stand beside a turn's own fields."""

    model_config = {"extra": "forbid"}

    conversation: About | None = Field(default=None, description="what is known of it")
    epoch: int | None = Field(
        default=None, description="of a bot's turn that asks to speak: refused if it is old"
    )


class TurnBody(Beside, Posted):
    """A turn as it is posted."""


async def take_turn(request: Request) -> Response:
    """Take one turn; the answer comes when it is on disk."""
    asked = admitted(request, _ALLOWED)
    deps = asked.deps
    conversation_id = _conversation_id(request.path_params["conversation_id"])
    raw, media_type = await request.body(), request.headers.get("content-type", "")
    if len(raw) <= QUICK_BYTES:
        turn, told = _read(raw, media_type)
    else:
        turn, told = await run_in_threadpool(_read, raw, media_type)
    began = perf_counter()
    parent = traceparent(request.headers.get(HEADER))
    about = (conversation_id, turn.turn_id)
    with deps.tracer.span("turn", parent, {"tenant": asked.who.tenant}) as span:
        if span.traceparent is not None:
            told = replace(told, trace=span.traceparent)
        work = partial(_observe, asked, conversation_id, turn, told)
        observed = await asyncio.wrap_future(deps.store.submit(asked.who.tenant, work, about))
    if observed.answer["escalation"] is not None and not observed.replayed:
        asked.bell.ring()
    follow_up(deps, asked.who.tenant, conversation_id, observed)
    deps.at_point("before_answer")
    deps.counts.turns.observe(perf_counter() - began)
    headers = {"Idempotent-Replayed": "true"} if observed.replayed else None
    return json_answer(observed.answer, 200, headers)


def _read(raw: bytes, media_type: str) -> tuple[Turn, Told]:
    return read_turn(read_body(raw, media_type))


def read_turn(body: JsonValue) -> tuple[Turn, Told]:
    """Return a posted turn, masked, and what stands beside it; raise BadFields."""
    try:
        if not isinstance(body, dict):
            return kept(Posted.model_validate(body)), _NOTHING_TOLD
        beside: dict[str, JsonValue] = {
            name: body.pop(name) for name in Beside.model_fields if name in body
        }
        turn = kept(Posted.model_validate(body))
        return turn, _told(beside) if beside else _NOTHING_TOLD
    except ValidationError as error:
        raise BadFields(error.errors(include_url=False, include_input=False), of="body") from None


def _told(beside: dict[str, JsonValue]) -> Told:
    said = Beside.model_validate(beside)
    about = said.conversation or About()
    return Told(**{name: getattr(about, name) for name in About.model_fields}, epoch=said.epoch)


def _observe(
    asked: Asked, conversation_id: str, turn: Turn, told: Told, tx: Transaction
) -> Observed:
    deps = asked.deps
    return observe(tx, deps, conversation_id, turn, told, by=asked.by, at=deps.clock())


def _conversation_id(given: str) -> str:
    told = f"1 to {_LONGEST_ID} characters, none of them a control"
    if 0 < len(given) <= _LONGEST_ID and visible(given):
        try:
            return no_card(given)
        except ValueError as refused:
            told = str(refused)
    raise BadFields([{"loc": ("path", "conversation_id"), "msg": told, "type": ""}])


def is_turn(method: str, path: str) -> bool:
    """Tell whether a request is one for this route."""
    return method == "POST" and path.startswith(_BEFORE) and path.endswith(_AFTER, len(_BEFORE))


ROUTE = Route("/v1/conversations/{conversation_id:path}/turns", take_turn, methods=["POST"])
"""The route as the router knows it, for the answers to other methods and for `answer`'s address."""


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that `is_turn`, past the router and the layers only other routes need."""
    scope["path_params"] = {"conversation_id": scope["path"][len(_BEFORE) : -len(_AFTER)]}
    request = Request(scope, receive)
    try:
        response = await take_turn(request)
    except HandoffError as error:
        response = await on_handoff_error(request, error)
    await response(scope, receive, send)


def described() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the route's OpenAPI entry, and the schemas it refers to."""
    schema = TurnBody.model_json_schema(ref_template=REF_TEMPLATE)
    schemas = schema.pop("$defs", {})
    entry = {
        "tags": ["turns"],
        "summary": "Take one turn; answers what the bot should do now",
        "operationId": "take_turn",
        "parameters": [
            {
                "name": "conversation_id",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": _LONGEST_ID},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "The decision, on disk with the turn"}},
    }
    return entry, schemas

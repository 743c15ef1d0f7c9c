"""What outside systems call us with: verified on the raw bytes by their connector."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from handoff.api.asking import Guarded
from handoff.api.changing import json_answer
from handoff.domain.connector import Acknowledgement, Callback
from handoff.domain.errors import NotFound
from handoff.services.deps import Deps
from handoff.services.hear import answer

router = APIRouter(prefix="/v1/callbacks", tags=["callbacks"], route_class=Guarded)


@router.post("/{connector}/{endpoint_id}", summary="For outside systems: signed, not keyed")
async def called(request: Request, connector: str, endpoint_id: str) -> Response:
    """Return how many new things were said; a repeat says nothing new."""
    deps: Deps = request.app.state.deps
    tenant = request.app.state.endpoints.get(endpoint_id)
    if tenant is None and connector == endpoint_id:  # a registered webhook's, and nobody else's
        tenant = deps.webhooks.tenant_of(connector)
    if tenant is None:
        raise NotFound("no such endpoint")
    headers = {name.lower(): value for name, value in request.headers.items()}
    callback = Callback(headers, await request.body(), deps.clock())
    told = await run_in_threadpool(answer, deps, tenant, connector, callback)
    request.app.state.bell.ring()
    deps.at_point("before_answer")
    if isinstance(told, Acknowledgement):
        return Response(told.body, told.status, media_type=told.media_type)
    return json_answer({"accepted": told})

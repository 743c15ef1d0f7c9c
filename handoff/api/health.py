"""Whether the service lives, whether it can work, and its figures for Prometheus."""

from collections.abc import Callable

from fastapi import APIRouter
from prometheus_client import generate_latest
from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response

from handoff.api.asking import Guarded
from handoff.api.changing import json_answer
from handoff.api.figures import whole_registry
from handoff.domain.errors import HandoffError
from handoff.domain.ports import Store

router = APIRouter(tags=["health"], route_class=Guarded)
TEXT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/healthz", summary="The process lives")
async def healthz() -> Response:
    """Return that it does: nothing is asked of anything else."""
    return json_answer({"status": "ok"})


@router.get("/readyz", summary="What the service depends on, and whether it is there")
def readyz(request: Request) -> Response:
    """Return 200 when it can work, else 503, with each dependency.

    `degraded` says in words what makes deliveries slower than they should be; turns are accepted
    all the same, and nothing is lost by it.
    """
    store: Store = request.app.state.deps.store
    told: dict[str, JsonValue] = {
        "database_reads": _tried(lambda: store.read_any(lambda work: work.ping())),
        "database_writes": _tried(lambda: store.write_any(lambda work: work.ping())),
        "engine": "ok" if request.app.state.running else "not running",
    }
    ready = all(value == "ok" for value in told.values())
    if degraded := request.app.state.trouble():
        told["degraded"] = degraded
    return json_answer({"ready": ready, **told}, 200 if ready else 503)


@router.get("/metrics", summary="Figures in the text format of Prometheus")
def metrics(request: Request) -> Response:
    """Return the figures of this process and of the database; none of them names anybody."""
    state = request.app.state
    registry = whole_registry(state.deps, state.bell)
    return Response(generate_latest(registry), media_type=TEXT)


def _tried(ask: Callable[[], None]) -> str:
    try:
        ask()
    except HandoffError as error:
        return error.code
    return "ok"

"""The web application: the API's routes, the pages, and what stands before both."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from handoff import web
from handoff.api import ROUTERS, turns
from handoff.api.access_log import AccessLog
from handoff.api.edge import Edge
from handoff.api.errors import HANDLERS
from handoff.api.feed import Bell
from handoff.api.identity import COOKIE, SECURE_COOKIE, Identify
from handoff.services.deps import Deps
from handoff.services.door import Door
from handoff.web.errors import TellBrowsers

DESCRIPTION = """\
Escalation and human handoff for conversational AI agents.

Errors are problem details (RFC 9457) with a stable `code`. Requests that change something take an
`Idempotency-Key`: a repeat gets the first answer, with `Idempotent-Replayed: true`. Listings have a
`cursor` until their end.
"""
OPENAPI = "/v1/openapi.json"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the application starts and stops with itself, and what it is told of the outside."""

    start: Callable[[], None]
    stop: Callable[[], None]
    bell: Bell
    endpoints: Mapping[str, str]
    """The last part of a callback's address to the tenant that it belongs to."""
    session_life: timedelta
    docs: bool = False
    trouble: Callable[[], str] = lambda: ""
    """What makes the engine slower than it should be, empty if nothing does."""


class Application(FastAPI):
    """FastAPI, with a short way for turns: past the layers that only its own routes need."""

    short: ASGIApp
    logged: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; a turn by the short way."""
        await self.logged(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the short way or by the long one."""
        if scope["type"] == "http" and turns.is_turn(scope["method"], scope["path"]):
            scope["app"] = self
            await self.short(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(deps: Deps, around: Surroundings) -> FastAPI:
    """Return the application; its lifespan starts and stops the engine.

    On `app.state`: `deps`, `door`, `bell`, `endpoints`, `cookie` (name of the login's),
    `session_life`, `running` and `trouble`. On `request.state`: `principal` and `credential`.
    """
    app = Application(
        title="handoff",
        version=version("handoff"),
        description=DESCRIPTION,
        lifespan=_lifespan(around),
        docs_url="/docs" if around.docs else None,
        redoc_url=None,
        openapi_url=OPENAPI,
        redirect_slashes=False,
    )
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.state.deps = deps
    app.state.door = Door(deps.store, deps.clock)
    app.state.bell = around.bell
    app.state.endpoints = around.endpoints
    app.state.cookie = SECURE_COOKIE if deps.base_url.startswith("https://") else COOKIE
    app.state.session_life = around.session_life
    app.state.running = False
    app.state.trouble = around.trouble
    app.add_middleware(Identify, door=app.state.door, cookie=app.state.cookie)
    app.add_middleware(Edge)
    app.add_middleware(TellBrowsers)
    app.short = Edge(Identify(turns.answer, door=app.state.door, cookie=app.state.cookie))
    app.logged = AccessLog(app.answer)
    app.router.routes.insert(0, turns.ROUTE)
    for router in (*ROUTERS, *web.ROUTERS):
        app.include_router(router)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign] # FastAPI's documented way
    return app


def _lifespan(around: Surroundings) -> Any:  # FastAPI's own type is private
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        around.start()
        app.state.running = True
        yield
        app.state.running = False
        around.bell.close()
        await run_in_threadpool(around.stop)

    return lifespan


def _described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document, the turn route in it."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        entry, schemas = turns.described()
        made["paths"] = {turns.PATH: {"post": entry, **made["paths"].get(turns.PATH, {})}} | {
            path: item for path, item in made["paths"].items() if path != turns.PATH
        }
        made.setdefault("components", {}).setdefault("schemas", {}).update(schemas)
        app.openapi_schema = made
    return app.openapi_schema

"""The access log: one line a request, with the route's pattern in place of its path."""

import logging
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handoff.api import turns

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
"""What a request may name; any other word is the caller's own."""

log = logging.getLogger("handoff.access")


class AccessLog:
    """Stands before everything; costs a look at one flag where nobody reads it."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log how it ended."""
        if scope["type"] != "http" or not log.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            log.info("request", extra=_told(scope, status, time.perf_counter() - began))


def _told(scope: Scope, status: int, seconds: float) -> dict[str, object]:
    """Return what is told of a request: neither its path nor its query, which hold words and ids.

    The id is ours: one that the caller chose could hold anything.
    """
    principal = scope.get("state", {}).get("principal")
    route = turns.PATH if turns.is_turn(scope["method"], scope["path"]) else _pattern(scope)
    told: dict[str, object] = {
        "request_id": secrets.token_hex(8),
        "method": scope["method"] if scope["method"] in METHODS else "other",
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
    }
    tenant = getattr(principal, "tenant", None)
    return told | ({"tenant": tenant} if tenant else {})


def _pattern(scope: Scope) -> str:
    """Return the path of the route that answered, as it was declared; empty where none did."""
    return str(getattr(scope.get("route"), "path", ""))

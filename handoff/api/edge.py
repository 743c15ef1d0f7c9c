"""The outermost layer: bodies are bounded in size and time, and no error gets out untold."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handoff.api.errors import TooLarge, TooSlow, problem, unexpected
from handoff.domain.errors import HandoffError

LARGEST = 1_000_000
"""Bytes of a body; what is larger is refused before it is read."""
PATIENCE = 20.0
"""Seconds for a body to arrive."""
API = "/v1/"
KEPT_NOWHERE = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
"""Headers of every answer of the API: it is for who asked, and it is what it says it is."""
BODIED = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Edge:
    """Reads the body whole, within its bounds, before anything else happens."""

    def __init__(self, app: ASGIApp, patience: float = PATIENCE) -> None:
        """Stand before `app`."""
        self._app = app
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body, or answer 413, 408 or 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith(API):
            send = _unkept(send)
        if scope["method"] in BODIED:
            try:
                receive = _told(await self._read(scope, receive), receive)
            except ClientDisconnect:
                return
            except (TooLarge, TooSlow) as refused:
                refusal = problem(refused, scope["path"])
                refusal.headers["Connection"] = "close"  # the rest of the body is on its way
                await refusal(scope, receive, send)
                return
        await self._guarded(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        try:
            async with asyncio.timeout(self._patience):
                return await _body(scope, receive)
        except TimeoutError:
            raise TooSlow(f"a body must arrive within {self._patience:g} s") from None

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = False

        async def sending(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
            return
        except HandoffError as error:  # from before the routes: while the database is away, say
            answer = problem(error, scope["path"])
        except Exception as error:  # noqa: BLE001 # the edge of a request: told here, once, without its words
            answer = unexpected(error, scope["method"], scope["path"])
        if not began:
            await answer(scope, receive, send)


async def _body(scope: Scope, receive: Receive) -> bytes:
    """Return the body; raise TooLarge with at most one chunk too much in memory."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > LARGEST:
            raise TooLarge(f"a body may have {LARGEST} bytes")
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST:
            raise TooLarge(f"a body may have {LARGEST} bytes")
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _unkept(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *KEPT_NOWHERE]
        await send(message)

    return sending


def _told(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that tells the body at once, and then whatever comes."""
    pending = True

    async def receiving() -> Message:
        nonlocal pending
        if pending:
            pending = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return receiving

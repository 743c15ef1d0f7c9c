"""An ASGI application on an event loop of its own, and a plain httpx client that talks to it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from starlette.applications import Starlette

R = TypeVar("R")
BASE = "http://handoff.test"


class Served:
    """Runs the application's lifespan, and its requests one after the other or from many threads.

    An answer is read whole: streams that never end are tested in `tests/api/test_feed.py`.
    """

    def __init__(self, app: Starlette) -> None:
        """Make the loop; `with` starts it."""
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def __enter__(self) -> Self:
        """Start the application."""
        self._thread.start()
        self._lifespan = self.app.router.lifespan_context(self.app)
        self.run(self._lifespan.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """Stop the application and the loop."""
        self.run(self._lifespan.__aexit__(None, None, None))
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """Return what a coroutine returns on the loop."""
        future: Future[R] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(30)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Return what the application answers."""
        answer = await self._transport.handle_async_request(request)
        body = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)

    def client(self, key: str | None = None, **options: Any) -> httpx.Client:
        """Return a client, with an API key if one is given."""
        client = httpx.Client(transport=_Through(self), base_url=BASE, **options)
        if key:
            client.headers["Authorization"] = f"Bearer {key}"
        return client


class _Through(httpx.BaseTransport):
    """Hands requests to the application."""

    def __init__(self, served: Served) -> None:
        """Keep it; it outlives every client."""
        self._served = served

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through the application."""
        request.read()
        return self._served.run(self._served.answer(request))

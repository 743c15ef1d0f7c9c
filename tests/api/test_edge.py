"""The outermost layer: bounds on bodies, and the last word on failures."""

import asyncio
import logging
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from handoff.api.edge import LARGEST, Edge
from handoff.domain.errors import Overloaded
from tests.api.conftest import escalated

CHUNK = b" " * 10_000


class Wire:
    """A connection: sends chunks of a body, keeps what comes back."""

    def __init__(self, chunk: bytes, count: int, *, silent: bool = False) -> None:
        """Send `count` chunks, then end, or fall silent where the end should be."""
        self.chunk, self.count, self.silent = chunk, count, silent
        self.read = 0
        self.status = 0
        self.body = b""

    async def receive(self) -> Message:
        """Return the next chunk."""
        if self.read == self.count and self.silent:
            await asyncio.sleep(60)
        self.read += 1
        more = self.silent or self.read < self.count
        return {"type": "http.request", "body": self.chunk, "more_body": more}

    async def send(self, message: Message) -> None:
        """Keep what is answered."""
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")

    def ask(self, app: Any, *headers: tuple[bytes, bytes]) -> None:
        """Send one request."""
        scope = {"type": "http", "method": "POST", "path": "/x", "headers": list(headers)}
        asyncio.run(app(scope, self.receive, self.send))


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of what came."""
    message = await receive()
    await PlainTextResponse(str(len(message["body"])))(scope, receive, send)


async def fail(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail over a customer's words."""
    raise ValueError("the customer said: secret")


async def busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Find the database away before any route is reached."""
    raise Overloaded


def test_a_body_in_pieces_arrives_whole() -> None:
    """Up to the limit itself, pieces are put together."""
    wire = Wire(CHUNK, LARGEST // len(CHUNK))

    wire.ask(Edge(echo))

    assert (wire.status, wire.body) == (200, str(LARGEST).encode())


def test_a_body_without_a_length_is_read_no_further_than_the_limit() -> None:
    """The piece that goes past the limit is the last one that is read."""
    wire = Wire(CHUNK, 1_000)

    wire.ask(Edge(echo))

    assert wire.status == 413
    assert wire.read == LARGEST // len(CHUNK) + 1


def test_a_body_that_says_it_is_too_long_is_not_read_at_all() -> None:
    """The length in the header is enough."""
    wire = Wire(CHUNK, 1_000)

    wire.ask(Edge(echo), (b"content-length", str(LARGEST + 1).encode()))

    assert (wire.status, wire.read) == (413, 0)


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    """After the patience is over the answer is 408."""
    wire = Wire(CHUNK, 3, silent=True)

    wire.ask(Edge(echo, patience=0.05))

    assert (wire.status, wire.read) == (408, 3)


@pytest.mark.parametrize(
    "path", ["/v1/queues", "/v1/nowhere", "/v1/escalations/x/card", "/v1/openapi.json"]
)
def test_answers_of_the_api_are_kept_nowhere(client: httpx.Client, path: str) -> None:
    """Whatever the answer is, no cache keeps it and no browser guesses what it is."""
    headers = client.get(path).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_card_as_html_loads_and_runs_nothing(client: httpx.Client) -> None:
    """Opened by itself, the fragment has a policy of its own."""
    card = client.get(f"/v1/escalations/{escalated(client)}/card?format=html")

    assert card.headers["content-type"].startswith("text/html")
    assert card.headers["content-security-policy"] == "default-src 'none'"


def test_a_failure_is_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    """The answer is a plain 500; the log has type and place, never the message."""
    wire = Wire(b"{}", 1)

    with caplog.at_level(logging.ERROR):
        wire.ask(Edge(fail))

    assert wire.status == 500
    assert b"secret" not in wire.body
    assert "secret" not in caplog.text
    assert "ValueError" in caplog.text
    assert "test_edge.py" in caplog.text


def test_a_database_that_is_away_before_any_route_is_no_failure() -> None:
    """Who asks cannot be found out just now: 503, which says to come back, and never 500."""
    wire = Wire(b"{}", 1)

    wire.ask(Edge(busy))

    assert wire.status == 503
    assert b'"code":"overloaded"' in wire.body

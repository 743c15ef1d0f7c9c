"""A service that answers by a script, and a clock that only retries move."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx
from pydantic import JsonValue

from handoff.client import Client
from handoff.client.sending import Patience, Waiting

Step = httpx.Response | httpx.TransportError


@dataclass
class Script:
    """Answers each request with the next step; the last one is repeated."""

    steps: list[Step]
    requests: list[httpx.Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Take the next step."""
        self.requests.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, httpx.TransportError):
            raise step
        return step

    def bodies(self) -> list[JsonValue]:
        """Return what was sent."""
        return [json.loads(request.content) for request in self.requests]


def client(script: Script, *, patience: Patience | None = None) -> Client:
    """Return a client of the scripted service; waits are noted, not waited."""

    def sleep(seconds: float) -> None:
        script.waits.append(seconds)

    waiting = Waiting(now=lambda: sum(script.waits), sleep=sleep, chance=lambda: 1.0)
    transport = httpx.MockTransport(script)
    return Client(
        "http://handoff.test", "key", patience=patience, waiting=waiting, transport=transport
    )


def ok(body: JsonValue) -> httpx.Response:
    """Return a success."""
    return httpx.Response(200, json=body)


def problem(status: int, code: str, detail: str = "no", **headers: str) -> httpx.Response:
    """Return problem details."""
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    return httpx.Response(
        status, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def stream(*lines: str) -> httpx.Response:
    """Return a stream of server-sent events that ends after its lines."""

    def chunks() -> Iterable[bytes]:
        for line in lines:
            yield f"{line}\n".encode()

    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=chunks())


ANSWER: dict[str, JsonValue] = {
    "conversation_id": "c1",
    "turn_id": "t1",
    "turn_index": 0,
    "action": "continue",
    "score": 0.05,
    "reasons": [],
    "control": {"holder": "bot", "name": None, "epoch": 1},
    "escalation": None,
    "card": None,
    "a_field_of_a_newer_service": 1,
}
"""What the service says after an ordinary turn."""

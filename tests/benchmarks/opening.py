"""From a turn that escalates to the card in its answer, and to a webhook's receiver."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from statistics import quantiles
from threading import Thread

import httpx

from tests.benchmarks.bodies import turn
from tests.benchmarks.servers import environment, free_port, new_key, running

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OPENINGS = 100
Beside = Callable[[dict[str, str]], AbstractContextManager[None]]
LONG, ORDINARY = 200, 24
"""Turns before the opening: for the card's time, and for the webhook's."""


@contextmanager
def receiver(arrived: "Queue[tuple[str, float]]") -> Iterator[int]:
    """Receive webhooks on loopback; put the conversation and the moment of each opening."""

    class Receive(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            now = time.perf_counter()
            self.send_response(204)
            self.end_headers()
            told = json.loads(body)
            if told["type"] == "escalation.opened":
                arrived.put((told["data"]["escalation"]["conversation_id"], now))

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receive)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def run(beside: Beside = lambda _env: nullcontext(), **settings: str) -> dict[str, float]:
    """Return p50 and p99 in ms of the card in the answer and of the webhook's arrival.

    `beside` is run beside the service, with its environment: a worker.
    """
    arrived: Queue[tuple[str, float]] = Queue()
    with tempfile.TemporaryDirectory() as name, receiver(arrived) as hook:
        port = free_port()
        env = environment(
            Path(name),
            port,
            HANDOFF_WEBHOOK_URL=f"http://127.0.0.1:{hook}/hook",
            HANDOFF_WEBHOOK_SECRET=SECRET,
            HANDOFF_ALLOW_LOOPBACK="true",
            **settings,
        )
        key = new_key(env, "runtime")
        headers = {"Authorization": f"Bearer {key}"}
        base = f"http://127.0.0.1:{port}"
        with (
            running(env),
            beside(env),
            httpx.Client(base_url=base, headers=headers, timeout=30) as client,
        ):
            _opened(client, LONG, 3, arrived)  # what is loaded on first use is loaded now
            answers, _ = _opened(client, LONG, OPENINGS, arrived)
            _, hooks = _opened(client, ORDINARY, OPENINGS, arrived)
    card, hook_cuts = quantiles(answers, n=100), quantiles(hooks, n=100)
    return {
        "card_p50": card[49] * 1e3,
        "card_p99": card[98] * 1e3,
        "hook_p50": hook_cuts[49] * 1e3,
        "hook_p99": hook_cuts[98] * 1e3,
    }


def _opened(
    client: httpx.Client, length: int, count: int, arrived: "Queue[tuple[str, float]]"
) -> tuple[list[float], list[float]]:
    """Return the seconds until the answer, and until the webhook, of openings one by one."""
    answers, hooks = [], []
    for number in range(count):
        conversation = _prepared(client, f"opening-{length}-{count}-{number}", length)
        began = time.perf_counter()
        answers.append(_asked(client, conversation, length))
        told, at = arrived.get(timeout=30)
        if told != conversation:
            raise RuntimeError(f"the webhook told of {told}, not of {conversation}")
        hooks.append(at - began)
    return answers, hooks


def _prepared(client: httpx.Client, conversation: str, length: int) -> str:
    for index in range(length):
        sent = client.post(f"/v1/conversations/{conversation}/turns", json=turn(index))
        sent.raise_for_status()
    return conversation


def _asked(client: httpx.Client, conversation: str, length: int) -> float:
    body = {"turn_id": "ask", "role": "customer", "text": "I want to talk to a human, please."}
    began = time.perf_counter()
    answer = client.post(f"/v1/conversations/{conversation}/turns", json=body)
    took = time.perf_counter() - began
    told = answer.json()
    if not told.get("card") or told["card"]["coverage"]["turns_read"] != length + 1:
        raise RuntimeError(f"no card in the answer: {told}")
    return took

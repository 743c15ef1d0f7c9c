"""One tenant sends ten times as much for a minute: what is accepted, and what another one feels.

Its receiver is slow meanwhile, as under ten times as much: more is due to it than it takes.

`python -m tests.benchmarks.burst [seconds of calm] [seconds of burst]`.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import quantiles
from threading import Thread

from handoff.bootstrap import load_settings, opened
from handoff.client import Client
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.access import issue_key
from tests.benchmarks.opening import SECRET
from tests.benchmarks.servers import environment, free_port, running

CALM_S, BURST_S = 30.0, 60.0
PATIENCE_S = 120.0
"""Seconds after the burst by which everything accepted must have arrived."""
USUAL, MORE = 3.0, 10
"""Escalations a second of each tenant, and how many times as many the loud one opens."""
LOUD, QUIET = "loud", "quiet"
SLOW_S = 0.15
"""Seconds until the loud one's receiver answers during the burst."""
SENDERS = 8


@dataclass
class Ledger:
    """When each conversation's event was asked for and when it arrived; from any thread."""

    asked: dict[tuple[str, str], float] = field(default_factory=dict)
    arrived: dict[tuple[str, str], float] = field(default_factory=dict)

    def p99(self, event: str, name: str) -> float:
        """Return the milliseconds that all but one in a hundred of these did not exceed."""
        took = [
            (self.arrived[key] - began) * 1e3
            for key, began in self.asked.items()
            if key[0] == event and key[1].startswith(name) and key in self.arrived
        ]
        return quantiles(took, n=100, method="inclusive")[98]

    def missing(self) -> int:
        """Return how many have not arrived."""
        return len(self.asked.keys() - self.arrived.keys())


def run(calm_s: float = CALM_S, burst_s: float = BURST_S) -> dict[str, float]:
    """Return p99 in ms of the quiet tenant before and during the burst, and what became of it."""
    ledger = Ledger()
    with tempfile.TemporaryDirectory() as name, ExitStack() as doors:
        hook = doors.enter_context(_receiving(ledger))
        env = environment(
            Path(name),
            free_port(),
            HANDOFF_WEBHOOK_URL=f"http://127.0.0.1:{hook}/hook",
            HANDOFF_WEBHOOK_SECRET=SECRET,
            HANDOFF_ALLOW_LOOPBACK="true",
            HANDOFF_STORMS="false",  # all of them are to be delivered at once
        )
        keys = _keys(Path(name))
        doors.enter_context(running(env))
        clients = {
            tenant: doors.enter_context(Client(env["HANDOFF_BASE_URL"], key))
            for tenant, key in keys.items()
        }
        _phase(clients, ledger, "warm", 2.0, 1)
        _phase(clients, ledger, "calm", calm_s, 1)
        _phase(clients, ledger, "burst", burst_s, MORE)
        until = time.perf_counter() + PATIENCE_S
        while ledger.missing() and time.perf_counter() < until:
            time.sleep(0.2)
    return {
        "accepted": len(ledger.asked),
        "missing": ledger.missing(),
        "calm": ledger.p99("opened", f"calm-{QUIET}"),
        "burst": ledger.p99("opened", f"burst-{QUIET}"),
        "live": ledger.p99("opened", "burst-"),
        "records": ledger.p99("closed", "burst-"),
    }


def _phase(
    clients: dict[str, Client], ledger: Ledger, name: str, seconds: float, more: int
) -> None:
    """Have both tenants open escalations at their rates, whatever the answers take."""
    rates = {LOUD: USUAL * more, QUIET: USUAL}
    pools = {tenant: ThreadPoolExecutor(SENDERS) for tenant in rates}
    sent = []
    began = time.perf_counter()
    times = sorted(
        (n / rate, tenant, n) for tenant, rate in rates.items() for n in range(int(seconds * rate))
    )
    for at, tenant, number in times:
        time.sleep(max(0.0, began + at - time.perf_counter()))
        conversation = f"{name}-{tenant}-{number}"
        sent.append(pools[tenant].submit(_open, clients[tenant], ledger, conversation))
    wait(sent)
    for one in sent:
        one.result()
    for pool in pools.values():
        pool.shutdown()


def _open(client: Client, ledger: Ledger, conversation: str) -> None:
    """Open an escalation and withdraw it: a live delivery, then a record."""
    began = time.perf_counter()
    said = [{"turn_id": "a", "role": "customer", "text": "I can't pay my invoice LM-0093."}]
    answer = client.escalate(conversation, reason_code="technical_system_error", transcript=said)
    ledger.asked["opened", conversation] = began
    began = time.perf_counter()
    client.cancel(answer.escalation.escalation_id)
    ledger.asked["closed", conversation] = began


@contextmanager
def _receiving(ledger: Ledger) -> Iterator[int]:
    """Receive webhooks on loopback meanwhile; yield the port."""

    class Receive(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["content-length"])))
            conversation = told["data"]["escalation"]["conversation_id"]
            if conversation.startswith(f"burst-{LOUD}"):
                time.sleep(SLOW_S)
            self.send_response(204)
            self.end_headers()
            event = told["type"].removeprefix("escalation.")
            ledger.arrived.setdefault((event, conversation), time.perf_counter())

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receive)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def _keys(folder: Path) -> dict[str, str]:
    """Return a key of each tenant."""
    scopes = (Scope.RUNTIME, Scope.AGENT)
    with opened(load_settings(data_dir=folder)) as deps:
        return {
            tenant: deps.store.write(
                tenant, lambda tx: issue_key(tx, "bench", scopes, by=SYSTEM, at=deps.clock())
            )[0]
            for tenant in (LOUD, QUIET)
        }


if __name__ == "__main__":
    print(json.dumps(run(*map(float, sys.argv[1:])), indent=1))

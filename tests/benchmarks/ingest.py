"""Durable turns over HTTP beside the bare alternative, and an idle service's memory.

On both databases, and both servers of a round on the same one.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests import postgres
from tests.benchmarks.bodies import stream
from tests.benchmarks.load import Measured, load
from tests.benchmarks.servers import environment, free_port, new_key, running

SECONDS = 1.5
ROUNDS = 10
SAFE = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "shared_buffers": "128MB"}
"""Settings of a PostgreSQL that keeps what it confirms, as the tests' own need not."""


@contextmanager
def service(folder: Path, **settings: str) -> Iterator[tuple[int, str, int]]:
    """Run the service; yield its port, a runtime's key and its process id."""
    port = free_port()
    env = environment(folder, port, **settings)
    key = new_key(env, "runtime", "agent")
    with running(env) as pid:
        yield port, key, pid


@contextmanager
def bare(folder: Path, kind: str, database: str = "") -> Iterator[int]:
    """Run the bare alternative on a database, else on a file of its own; yield its port."""
    port = free_port()
    told = [str(port), database or str(folder / f"{kind}.db"), kind]
    with running(environment(folder, port), [sys.executable, "-m", "tests.benchmarks.bare", *told]):
        yield port


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians over rounds, each round all three servers in turn; shares are of one round."""

    service: Measured
    watched: Measured
    plain: Measured
    of_watched: float
    of_plain: float


def run() -> dict[str, object]:
    """Return memory in MB, and the figures by number of connections and on PostgreSQL."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        port, key, pid = servers.enter_context(service(folder))
        ports = {"service": port} | {
            kind: servers.enter_context(bare(folder, kind)) for kind in ("watched", "plain")
        }
        idle = resident_mb(pid)
        figures = {count: _rounds(ports, key, count) for count in (1, 16)}
        busy = resident_mb(pid)
    return {
        "idle_mb": idle,
        "busy_mb": busy,
        "by_connections": figures,
        "postgresql": _on_postgres(16),
    }


def _on_postgres(connections: int) -> Figures:
    with (
        tempfile.TemporaryDirectory() as name,
        postgres.running(**SAFE) as server,
        ExitStack() as servers,
    ):
        folder = Path(name)
        url = server.url(server.create())
        port, key, _ = servers.enter_context(service(folder, HANDOFF_DATABASE_URL=url))
        ports = {"service": port} | {
            kind: servers.enter_context(bare(folder, kind, server.url(server.create())))
            for kind in ("watched", "plain")
        }
        return _rounds(ports, key, connections)


def _rounds(ports: dict[str, int], key: str, connections: int) -> Figures:
    runs: dict[str, list[Measured]] = {name: [] for name in ports}
    for number in range(ROUNDS):
        for name, port in ports.items():
            make = stream(f"bench{connections}-{number}-{time.monotonic_ns()}")
            runs[name].append(load(port, key, connections, SECONDS, make))
    return Figures(
        *(_middle(runs[name]) for name in ("service", "watched", "plain")),
        of_watched=_share(runs["service"], runs["watched"]),
        of_plain=_share(runs["service"], runs["plain"]),
    )


def _middle(runs: list[Measured]) -> Measured:
    return Measured(
        median(m.per_second for m in runs),
        median(m.p50 for m in runs),
        median(m.p99 for m in runs),
    )


def _share(mine: list[Measured], theirs: list[Measured]) -> float:
    """Return the median share: a machine that is slow for a while is slow for all of a round."""
    return median(a.per_second / b.per_second for a, b in zip(mine, theirs, strict=True))


def resident_mb(pid: int) -> float:
    """Return a process's resident memory in MB, as Linux tells it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")

"""Durable turns over HTTP beside the bare alternative, and an idle service's memory."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.benchmarks.bodies import stream
from tests.benchmarks.load import Measured, load
from tests.benchmarks.servers import environment, free_port, new_key, running

SECONDS = 3.0
ROUNDS = 5


@contextmanager
def service(folder: Path) -> Iterator[tuple[int, str, int]]:
    """Run the service; yield its port, a runtime's key and its process id."""
    port = free_port()
    env = environment(folder, port)
    key = new_key(env, "runtime", "agent")
    with running(env) as pid:
        yield port, key, pid


@contextmanager
def bare(folder: Path, kind: str) -> Iterator[int]:
    """Run the bare alternative; yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.bare", str(port)]
    file = folder / f"{kind}.db"
    with running(environment(folder, port), [*command, str(file), kind]):
        yield port


def run() -> dict[str, object]:
    """Return throughput per server and connections, medians of rounds taken in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            service(folder) as (port, key, pid),
            bare(folder, "watched") as watched,
            bare(folder, "plain") as plain,
        ):
            idle = resident_mb(pid)
            ports = {"service": port, "watched": watched, "plain": plain}
            figures = {count: _rounds(ports, key, count) for count in (1, 16)}
            return {"idle_mb": idle, "busy_mb": resident_mb(pid), "by_connections": figures}


def _rounds(ports: dict[str, int], key: str, connections: int) -> dict[str, Measured]:
    runs: dict[str, list[Measured]] = {name: [] for name in ports}
    for number in range(ROUNDS):
        for name, port in ports.items():
            make = stream(f"bench{connections}-{number}-{time.monotonic_ns()}")
            runs[name].append(load(port, key, connections, SECONDS, make))
    return {
        name: Measured(
            median(m.per_second for m in measured),
            median(m.p50 for m in measured),
            median(m.p99 for m in measured),
        )
        for name, measured in runs.items()
    }


def resident_mb(pid: int) -> float:
    """Return a process's resident memory in MB, as Linux tells it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")

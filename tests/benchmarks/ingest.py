"""Durable turns over HTTP beside the bare alternative, and an idle service's memory."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.bodies import stream
from tests.benchmarks.load import Measured, load
from tests.benchmarks.servers import environment, free_port, new_key, running

SECONDS = 1.5
ROUNDS = 10


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


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians over rounds, each round all three servers in turn; shares are of one round."""

    service: Measured
    watched: Measured
    plain: Measured
    of_watched: float
    of_plain: float


def run() -> dict[str, object]:
    """Return memory in MB, and the figures by number of connections."""
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

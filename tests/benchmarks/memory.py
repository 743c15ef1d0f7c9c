"""Resident memory before and after many escalations and many readers of the feed.

`python -m tests.benchmarks.memory [escalations] [readers]`; 100,000 and 2,000 without arguments.
The service and those who escalate are one process: the services are called without HTTP.
"""

import asyncio
import gc
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Thread

import uvicorn

from handoff import Turn
from handoff.bootstrap import TENANT, Service, build, load_settings, opened
from handoff.cli.connection import Connection
from handoff.cli.serve import COLLECT, CONNECTIONS, SWITCH_S, Server
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.domain.turn import Role
from handoff.services.access import issue_key
from handoff.services.observe import observe
from handoff.services.told import Told
from tests.benchmarks.ingest import resident_mb
from tests.benchmarks.servers import environment, free_port, start

ESCALATIONS, READERS = 100_000, 2_000
WARM = 2_000
"""Escalations before the baseline: what is loaded or pooled on first use is there by then."""
DEAF = 10
"""One reader in so many never reads."""
OF_ONE_KEY = 20
AT_ONCE = 16
REST_S = 10.0
"""Seconds of rest before a look at the memory."""
BOUND = 1.2
ALLOCATOR = os.environ.get("PYTHONMALLOC", "malloc")
"""As README's deployment sets it: Python's own gives back only arenas without a survivor."""


def run(escalations: int = ESCALATIONS, readers: int = READERS) -> dict[str, float]:
    """Return the MB after the start, after warm-up, with all readers open, and after they left."""
    with tempfile.TemporaryDirectory() as name, _served(Path(name)) as (process, port):
        idle = resident_mb(process.pid)
        _escalate(process, WARM)
        base = resident_mb(process.pid)
        most = asyncio.run(_read(process, port, _keys(Path(name), readers), escalations))
        time.sleep(REST_S)
        return {"idle": idle, "base": base, "most": most, "after": resident_mb(process.pid)}


@contextmanager
def _served(folder: Path) -> "Iterator[tuple[Popen[bytes], int]]":
    port = free_port()
    env = environment(folder, port, PYTHONMALLOC=ALLOCATOR)
    command = [sys.executable, "-m", "tests.benchmarks.memory", "serve"]
    with ExitStack() as doors:
        process = start(env, command, stdin=PIPE, stdout=PIPE)
        doors.callback(process.wait)
        doors.callback(process.terminate)
        yield process, port


def _escalate(process: "Popen[bytes]", count: int) -> None:
    """Have the service escalate so many times, and wait until that is delivered too."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"%d\n" % count)
    process.stdin.flush()
    if process.stdout.readline() != b"done\n":
        raise RuntimeError("the service ended")
    time.sleep(REST_S)


def _keys(folder: Path, readers: int) -> list[str]:
    """Return a key for each reader, several readers to a key."""
    with opened(load_settings(data_dir=folder)) as deps:
        made = [
            deps.store.write(
                TENANT,
                lambda tx: issue_key(tx, "reader", [Scope.AGENT], by=SYSTEM, at=deps.clock()),
            )[0]
            for _ in range(0, readers, OF_ONE_KEY)
        ]
    return [made[number // OF_ONE_KEY] for number in range(readers)]


async def _read(process: "Popen[bytes]", port: int, keys: list[str], escalations: int) -> float:
    """Return the MB while everybody reads, some of them nothing."""
    turn = asyncio.Semaphore(AT_ONCE)
    writers = await asyncio.gather(
        *(_join(port, key, turn, deaf=n % DEAF == 0) for n, key in enumerate(keys))
    )
    await asyncio.to_thread(_escalate, process, escalations)
    most = resident_mb(process.pid)
    for writer in writers:
        writer.transport.abort()
    return most


async def _join(
    port: int, key: str, turn: asyncio.Semaphore, *, deaf: bool
) -> asyncio.StreamWriter:
    async with turn:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n"
        writer.write(head.encode())
        status = await reader.readline()
    if b" 200 " not in status:
        raise RuntimeError(f"a reader was answered {status!r}")
    if deaf:
        writer.transport.pause_reading()  # type: ignore[attr-defined] # every socket transport has it
    else:
        _READING.add(asyncio.create_task(_drain(reader)))
    return writer


_READING: set[asyncio.Task[None]] = set()
"""A task that nobody holds may vanish."""


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass


def _serve() -> None:
    """Serve, and escalate as often as a line of the input says."""
    settings = load_settings()
    service = build(settings)
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()
    gc.set_threshold(*COLLECT)
    config = uvicorn.Config(
        service.app,
        port=settings.port,
        log_level="warning",
        access_log=False,
        limit_concurrency=CONNECTIONS,
        http=Connection,
    )
    Thread(target=_listen, args=(service,), daemon=True).start()
    Server(config, service).run()


def _listen(service: Service) -> None:
    done = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for line in sys.stdin:
            numbers = range(done, done + int(line))
            for begin in range(numbers.start, numbers.stop, AT_ONCE * 8):
                some = numbers[begin - done : begin - done + AT_ONCE * 8]
                for _ in pool.map(lambda n: _open(service, n), some):
                    pass
            done = numbers.stop
            while service.deps.store.read_any(
                lambda work: work.next_delivery_at(service.deps.clock())
            ):
                time.sleep(0.1)
            print("done", flush=True)


def _open(service: Service, number: int) -> None:
    deps = service.deps
    turn = Turn(turn_id="t", role=Role.CUSTOMER, text="I want to talk to a human.", index=0)
    observed = deps.store.write(
        TENANT,
        lambda tx: observe(tx, deps, f"m{number}", turn, Told(), by=SYSTEM, at=deps.clock()),
    )
    if "card" not in observed.answer:
        raise RuntimeError("it did not escalate")


def main() -> None:
    """Measure and print; exit 1 where the memory does not come back."""
    found = run(*(int(told) for told in sys.argv[1:3]))
    print(" · ".join(f"{name} {mb:.0f} MB" for name, mb in found.items()))
    share = found["after"] / found["base"]
    print(f"after / base {share:.2f} (≤ {BOUND})")
    sys.exit(share > BOUND)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        _serve()
    else:
        main()

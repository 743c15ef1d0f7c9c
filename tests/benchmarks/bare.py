"""The bare alternative: a Starlette route and one group-committed raw insert, nothing else.

Run as `python -m tests.benchmarks.bare PORT FILE plain|watched`. `watched` runs the same
validation, redaction and `Detector.observe` as the service before its insert; `plain` only
validates.
"""

import asyncio
import contextlib
import sqlite3
import sys
from collections.abc import AsyncIterator
from queue import SimpleQueue
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from handoff import Detector, Policy, Turn
from handoff.domain.redaction import redact_turn

Job = tuple[tuple[str, str, str], asyncio.Future[None], asyncio.AbstractEventLoop]


def write(path: str, jobs: "SimpleQueue[Job | None]") -> None:
    """Commit what waits, together, until told to stop."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE turns (c TEXT, t TEXT, body TEXT, PRIMARY KEY (c, t))")
    while (job := jobs.get()) is not None:
        batch = [job]
        while not jobs.empty() and len(batch) < 256:
            if (more := jobs.get()) is not None:
                batch.append(more)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO turns VALUES (?, ?, ?)", [row for row, _, _ in batch])
        connection.execute("COMMIT")
        for _, future, loop in batch:
            loop.call_soon_threadsafe(future.set_result, None)
    connection.close()


def app(path: str, *, watched: bool) -> Starlette:
    """Return the bare service."""
    jobs: SimpleQueue[Job | None] = SimpleQueue()
    detector = Detector(Policy.default())
    states: dict[str, dict[str, object]] = {}

    async def take(request: Request) -> Response:
        conversation = request.path_params["conversation_id"]
        turn = Turn.model_validate_json(await request.body())
        if watched:
            turn, _ = redact_turn(turn)
            state = states.get(conversation) or detector.start()
            states[conversation], _ = detector.observe(state, turn)
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[None] = loop.create_future()
        jobs.put(((conversation, turn.turn_id, turn.model_dump_json()), stored, loop))
        await stored
        return Response(b'{"ok":true}', media_type="application/json")

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        writer = Thread(target=write, args=(path, jobs))
        writer.start()
        yield
        jobs.put(None)
        writer.join()

    route = Route("/v1/conversations/{conversation_id}/turns", take, methods=["POST"])
    return Starlette(routes=[route], lifespan=lifespan)


if __name__ == "__main__":
    port, file, kind = sys.argv[1:]
    uvicorn.run(
        app(file, watched=kind == "watched"), port=int(port), log_level="error", access_log=False
    )

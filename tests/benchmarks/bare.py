"""The bare alternative: a Starlette route and one group-committed raw insert, nothing else.

Run as `python -m tests.benchmarks.bare PORT DATABASE plain|watched`; the database is a file of
SQLite's or the URL of a PostgreSQL. `watched` runs the same validation, redaction and
`Detector.observe` as the service before its insert; `plain` only validates.
"""

import asyncio
import contextlib
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from queue import SimpleQueue
from threading import Thread

import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from handoff import Detector, Policy, Turn
from handoff.domain.redaction import redact_turn

Row = tuple[str, str, str]
Job = tuple[Row, asyncio.Future[None], asyncio.AbstractEventLoop]
Insert = Callable[[list[Row]], None]

TABLE = "CREATE TABLE turns (c TEXT, t TEXT, body TEXT, PRIMARY KEY (c, t))"


def sqlite(path: str) -> Insert:
    """Return what inserts rows into a file and returns when they are on disk."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(TABLE)

    def insert(rows: list[Row]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO turns VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")

    return insert


def postgres(url: str) -> Insert:
    """Return what inserts rows into a PostgreSQL, in one round trip with their commit."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute(TABLE)
    columns = "unnest(%s::text[], %s::text[], %s::text[])"

    def insert(rows: list[Row]) -> None:
        connection.execute(
            f"INSERT INTO turns SELECT * FROM {columns}",
            [list(column) for column in zip(*rows, strict=True)],
        )

    return insert


def write(database: str, jobs: "SimpleQueue[Job | None]") -> None:
    """Commit what waits, together, until told to stop."""
    insert = (postgres if database.startswith("postgresql://") else sqlite)(database)
    while (job := jobs.get()) is not None:
        batch = [job]
        while not jobs.empty() and len(batch) < 256:
            if (more := jobs.get()) is not None:
                batch.append(more)
        insert([row for row, _, _ in batch])
        for _, future, loop in batch:
            loop.call_soon_threadsafe(future.set_result, None)


def app(database: str, *, watched: bool) -> Starlette:
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
        writer = Thread(target=write, args=(database, jobs))
        writer.start()
        yield
        jobs.put(None)
        writer.join()

    route = Route("/v1/conversations/{conversation_id}/turns", take, methods=["POST"])
    return Starlette(routes=[route], lifespan=lifespan)


if __name__ == "__main__":
    port, database, kind = sys.argv[1:]
    uvicorn.run(
        app(database, watched=kind == "watched"),
        port=int(port),
        log_level="error",
        access_log=False,
    )

"""Two services on one database: who reads a feed at one hears of what the other did."""

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from handoff.api.feed import Bell
from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.access import issue_key
from tests import fakes
from tests.api.conftest import escalated
from tests.api.test_feed import Stream
from tests.redis_server import Server, running
from tests.serving import Served


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a Redis."""
    with running() as server:
        yield server


def service(folder: Path, url: str, server: Server) -> Service:
    """Return one of the services: its database is the other's too."""
    settings = Settings(data_dir=folder, database_url=url, redis_url=server.url)  # type: ignore[arg-type] # parsed
    return build(settings, connectors={"desk": fakes.Recorder()})


def test_a_reader_at_one_service_hears_at_once_of_what_another_did(
    tmp_path: Path, postgres_url: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by looking again and again: that would take a minute here."""
    monkeypatch.setattr("handoff.bootstrap.Bell", partial(Bell, look=60.0))
    one, other = (service(tmp_path / name, postgres_url, server) for name in "ab")
    key, _ = one.deps.store.write(
        TENANT, lambda tx: issue_key(tx, "ann", [*Scope], by=SYSTEM, at=one.deps.clock())
    )

    async def both() -> list[dict[str, Any]]:
        stream = Stream(one, key)
        reading = asyncio.create_task(stream.read(1))
        await stream.begun.wait()
        await asyncio.sleep(1.0)  # its first look is over, and it listens to Redis
        await asyncio.get_running_loop().run_in_executor(None, escalated, client)
        return await asyncio.wait_for(reading, 20)

    with Served(one.app) as here, Served(other.app) as there, there.client(key) as client:
        events = here.run(both())

    assert events[0]["kind"] == "escalation"

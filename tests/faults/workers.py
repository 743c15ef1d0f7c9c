"""A service and workers as processes of their own, on one database and one Redis."""

import contextlib
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from tests.benchmarks.servers import HANDOFF, environment, free_port, new_key, running
from tests.receiver import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class House:
    """A running service with a webhook, and what it takes to start workers beside it."""

    folder: Path
    env: dict[str, str]
    receiver: Receiver
    client: httpx.Client
    opened: list[str] = field(default_factory=list)

    def open(self, number: int) -> list[str]:
        """Open escalations, each within a second; return their ids."""
        ids = []
        for _ in range(number):
            conversation = f"c{len(self.opened)}"
            body = {"turn_id": "1", "role": "customer", "text": "I want to talk to a human"}
            answer = self.client.post(f"/v1/conversations/{conversation}/turns", json=body)
            ids.append(str(answer.raise_for_status().json()["escalation"]["escalation_id"]))
            self.opened.append(ids[-1])
        return ids

    @contextlib.contextmanager
    def worker(self, **settings: str) -> "Iterator[subprocess.Popen[bytes]]":
        """Run a worker meanwhile."""
        process = subprocess.Popen([*HANDOFF, "worker"], env={**self.env, **settings})
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(60)

    def states(self) -> Counter[str]:
        """Return how many webhooks are in which state."""
        query = "SELECT state FROM deliveries WHERE connector = 'webhook'"
        database = self.env.get("HANDOFF_DATABASE_URL")
        if database is None:
            with contextlib.closing(sqlite3.connect(self.folder / "handoff.db")) as connection:
                return Counter(state for (state,) in connection.execute(query))
        with psycopg.connect(database) as server:
            server.execute("SELECT set_config('handoff.tenant', '*', true)")
            return Counter(state for (state,) in server.execute(query))

    def finished(self, seconds: float = 45.0) -> float:
        """Return the seconds until all that was opened is confirmed; fail if that takes longer."""
        return until(lambda: self.states() == Counter(confirmed=len(self.opened)), seconds)

    def sent(self) -> Counter[str]:
        """Return how often each webhook arrived, by its key."""
        return Counter(self.receiver.ids())


def until(true: Callable[[], object], seconds: float = 30.0) -> float:
    """Return the seconds until something comes true; raise if it does not in time."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds:g} s")
        time.sleep(0.02)
    return time.monotonic() - began


@contextlib.contextmanager
def house(folder: Path, redis_url: str, **settings: str) -> Iterator[House]:
    """Run a service whose deliveries are left to workers."""
    with Receiver() as receiver:
        env = environment(
            folder,
            free_port(),
            HANDOFF_REDIS_URL=redis_url,
            HANDOFF_WEBHOOK_URL=receiver.url,
            HANDOFF_WEBHOOK_SECRET=SECRET,
            HANDOFF_ALLOW_LOOPBACK="true",
            HANDOFF_DELIVERY_LEASE_S="2",
            **settings,
        )
        headers = {"Authorization": f"Bearer {new_key(env, 'runtime', 'agent')}"}
        base = env["HANDOFF_BASE_URL"]
        with running(env), httpx.Client(base_url=base, headers=headers, timeout=10) as client:
            yield House(folder, env, receiver, client)

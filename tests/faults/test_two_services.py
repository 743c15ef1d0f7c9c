"""Two services on one PostgreSQL, one of which is killed: the other goes on with everything."""

import contextlib
import itertools
from pathlib import Path
from threading import Lock, Thread

import httpx
import psycopg
import pytest

from tests.benchmarks.servers import environment, free_port, new_key, start

CLIENTS, TURNS = 6, 30
KILL_AFTER = 60
"""Turns that were answered when one of the two is killed."""

pytestmark = pytest.mark.faults


class Runtime:
    """Says a conversation's turns to either service, again to the other where one is gone."""

    def __init__(self, bases: list[str], key: str) -> None:
        """Remember what was answered."""
        self.bases = bases
        self.headers = {"Authorization": f"Bearer {key}"}
        self.lock = Lock()
        self.answered: list[tuple[str, str]] = []
        self.escalations: dict[str, set[str]] = {}

    def talk(self, name: str) -> None:
        """Have one conversation, in which the customer asks for a person at the end."""
        services = itertools.cycle(self.bases)
        with httpx.Client(headers=self.headers, timeout=10) as client:
            for number in range(TURNS):
                text = "I want a human" if number >= TURNS - 4 else f"my order {number} is late"
                turn = {"turn_id": f"t{number}", "role": "customer", "text": text}
                self._say(client, services, name, turn)

    def _say(
        self,
        client: httpx.Client,
        services: "itertools.cycle[str]",
        name: str,
        turn: dict[str, str],
    ) -> None:
        for _ in range(40):
            with contextlib.suppress(httpx.TransportError):
                url = f"{next(services)}/v1/conversations/{name}/turns"
                told = client.post(url, json=turn)
                if told.is_success:
                    self._keep(name, turn["turn_id"], told.json()["escalation"])
                    return
                assert told.status_code == 503, told.text
        pytest.fail("nobody answers")

    def _keep(self, name: str, turn_id: str, escalation: dict[str, str] | None) -> None:
        with self.lock:
            self.answered.append((name, turn_id))
            if escalation is not None:
                self.escalations.setdefault(name, set()).add(escalation["escalation_id"])


def test_one_of_two_is_killed(tmp_path: Path, postgres_url: str) -> None:
    """No acknowledged turn is lost, none stored twice, each conversation is escalated once."""
    told = {"HANDOFF_DATABASE_URL": postgres_url, "HANDOFF_HASH_SECRET": "the same in both of them"}
    envs = [environment(tmp_path / str(n), free_port(), **told) for n in range(2)]
    key = new_key(envs[0], "runtime", "supervisor")
    services = [start(env) for env in envs]
    runtime = Runtime([env["HANDOFF_BASE_URL"] for env in envs], key)
    threads = [Thread(target=runtime.talk, args=(f"c{n}",)) for n in range(CLIENTS)]
    try:
        for thread in threads:
            thread.start()
        while len(runtime.answered) < KILL_AFTER and any(t.is_alive() for t in threads):
            threads[0].join(0.01)
        services[0].kill()
        for thread in threads:
            thread.join(60)
    finally:
        for service in services:
            service.terminate()
            service.wait(30)

    with psycopg.connect(postgres_url) as connection:
        connection.execute("SELECT set_config('handoff.tenant', '*', true)")
        stored = connection.execute("SELECT conversation_id, turn_id FROM turns").fetchall()
        counted = connection.execute("SELECT conversation_id, turns FROM conversations").fetchall()
        opened = connection.execute("SELECT conversation_id FROM escalations").fetchall()
    names = [f"c{n}" for n in range(CLIENTS)]
    assert len(runtime.answered) == CLIENTS * TURNS
    assert sorted(stored) == sorted(runtime.answered)
    assert sorted(counted) == [(name, TURNS) for name in names]
    assert sorted(name for (name,) in opened) == names
    assert {name: len(ids) for name, ids in runtime.escalations.items()} == dict.fromkeys(names, 1)

"""The service dies at every named point while conversations come in: nothing is lost."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread

import httpx
import psycopg
import pytest

from handoff.domain.audit import first_break
from handoff.services.points import POINTS
from tests.benchmarks.servers import HANDOFF, environment, free_port, new_key, start
from tests.receiver import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SAMPLES = Path(__file__).parents[2] / "handoff" / "cli" / "samples" / "demo.jsonl"
NTH = {"before_commit": 9, "after_commit": 9, "before_answer": 9, "after_turn": 9}
"""At which passing of a point to die: deep enough that there is something to lose."""

pytestmark = pytest.mark.faults


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a webhook receiver that writes down every request before it answers."""
    with Receiver() as running:
        yield running


@dataclass(frozen=True)
class Database:
    """How the service finds its database, and what a query of ours finds there."""

    settings: dict[str, str]
    rows: Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Return one of each kind."""
    if request.param == "sqlite":
        return Database({}, partial(in_file, tmp_path / "handoff.db"))
    url = request.getfixturevalue("postgres_url")
    return Database({"HANDOFF_DATABASE_URL": url}, partial(in_server, url))


@pytest.mark.parametrize("point", POINTS)
def test_dying_at_a_point_loses_and_doubles_nothing(
    point: str, tmp_path: Path, receiver: Receiver, database: Database
) -> None:
    """Killed at `point`, started again, retried by the clients: every promise still holds."""
    env = environment(
        tmp_path,
        free_port(),
        HANDOFF_WEBHOOK_URL=receiver.url,
        HANDOFF_WEBHOOK_SECRET=SECRET,
        HANDOFF_ALLOW_LOOPBACK="true",
        HANDOFF_CHECK_S="0.1",
        **database.settings,
    )
    key = new_key(env, "runtime", "agent", "supervisor")
    base = env["HANDOFF_BASE_URL"]
    doomed = start({**env, "HANDOFF_KILLPOINT": f"{point}:{NTH.get(point, 2)}"})
    human = Human(base, key)
    command = [*HANDOFF, "run", str(SAMPLES), "--url", base, "--key", key, "--json"]
    with human, subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as run:
        killed = doomed.wait(60)
        again = start(env)
        finished = run.wait(60)
        human.finish()
    try:
        settled(database)
    finally:
        again.terminate()
        again.wait(20)

    assert killed == -signal.SIGKILL, f"{point} was never reached"
    assert finished == 0
    check_turns(database)
    check_escalations(database, human.acknowledged)
    check_deliveries(database, receiver)
    check_audit(env)


class Human:
    """Somebody at the desk who takes and closes what is queued, come what may."""

    def __init__(self, base: str, key: str) -> None:
        """Work at `base`; remember every closing that was acknowledged."""
        self._headers = {"Authorization": f"Bearer {key}"}
        self._base = base
        self._thread = Thread(target=self._work)
        self._until: float | None = None
        self.acknowledged: set[str] = set()

    def __enter__(self) -> "Human":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave, also when the test failed."""
        self._until = self._until or time.monotonic()
        self._thread.join(30)

    def finish(self) -> None:
        """Work for three seconds more: until everything that was opened is closed."""
        self._until = time.monotonic() + 3
        self._thread.join(30)

    def _work(self) -> None:
        with httpx.Client(base_url=self._base, headers=self._headers, timeout=5) as client:
            while self._until is None or time.monotonic() < self._until:
                with contextlib.suppress(httpx.TransportError):
                    self._round(client)
                time.sleep(0.4)  # long enough for the timers of what waits to fire

    def _round(self, client: httpx.Client) -> None:
        for state in ("queued", "connecting", "active"):
            listed = client.get("/v1/escalations", params={"state": state}).json()
            for escalation in listed["items"]:
                path = f"/v1/escalations/{escalation['escalation_id']}"
                if state == "queued":
                    client.post(f"{path}/claim", json={})
                elif state == "connecting":
                    client.post(f"{path}/legs", json={"leg_id": "l1", "state": "bridged"})
                elif client.post(f"{path}/dispose", json={"outcome": "resolved"}).is_success:
                    self.acknowledged.add(escalation["escalation_id"])


def in_file(path: Path, query: str) -> list[tuple[object, ...]]:
    """Return what a query finds in a file."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def in_server(url: str, query: str) -> list[tuple[object, ...]]:
    """Return what a query over all tenants finds in a server."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('handoff.tenant', '*', true)")
        return connection.execute(query).fetchall()  # type: ignore[arg-type] # a constant


def settled(database: Database) -> None:
    """Wait until no delivery is under way: what died while sending is taken up in 45 s."""
    for _ in range(500):
        query = "SELECT count(*) FROM deliveries WHERE state NOT IN ('confirmed', 'dead')"
        if database.rows(query) == [(0,)]:
            return
        time.sleep(0.1)
    pytest.fail(f"still under way: {database.rows('SELECT connector, state FROM deliveries')}")


def check_turns(database: Database) -> None:
    """Every turn that was sent is stored, once."""
    stored: dict[object, set[object]] = defaultdict(set)
    for conversation, turn in database.rows("SELECT conversation_id, turn_id FROM turns"):
        assert turn not in stored[conversation]
        stored[conversation].add(turn)
    for line in SAMPLES.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        sent = {turn["turn_id"] for turn in told["turns"]}
        assert stored[told["conversation_id"]] == sent


def check_escalations(database: Database, acknowledged: set[str]) -> None:
    """No conversation was escalated twice for one cause, and what was closed stays closed."""
    found = database.rows("SELECT escalation_id, conversation_id, state FROM escalations")
    openings = database.rows("SELECT subject FROM audit_entries WHERE action = 'opened'")
    closed = {escalation for escalation, _, state in found if state == "closed"}

    assert found
    assert acknowledged <= closed
    assert sorted(opening for (opening,) in openings) == sorted(row[0] for row in found)


def check_deliveries(database: Database, receiver: Receiver) -> None:
    """Each event went out under one key, and nothing that is not in the table."""
    table = {
        key: (escalation, event, version)
        for key, escalation, event, version in database.rows(
            "SELECT delivery_id, escalation_id, event, card_version FROM deliveries"
            " WHERE connector = 'webhook' AND state = 'confirmed'",
        )
    }
    arrived = {received.headers["webhook-id"] for received in receiver.ledger}

    assert len(set(table.values())) == len(table)
    assert arrived == set(table)


def check_audit(env: dict[str, str]) -> None:
    """The chain verifies from the first entry to the last."""
    exported = subprocess.run(
        [*HANDOFF, "audit", "export"], env=env, check=True, capture_output=True
    )
    entries = [json.loads(line) for line in exported.stdout.splitlines()]

    assert entries
    assert first_break(entries) is None

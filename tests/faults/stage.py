"""A database, services and workers on it, a receiver, clients: what a fault test needs."""

import base64
import contextlib
import hmac
import json
import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import psycopg

from handoff.bootstrap import Settings, opened
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.access import issue_key
from tests.benchmarks.servers import environment, free_port
from tests.faults.armed import FILE
from tests.faults.checker import Evidence
from tests.faults.checker.reading import read_file, read_server
from tests.faults.history import Client, Follower, History
from tests.faults.nursery import Child, Nursery
from tests.faults.remote import Remote
from tests.postgres import Server

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TENANTS = ("default", "other")
PEOPLE = {
    "bot": (Scope.RUNTIME,),
    "ada": (Scope.AGENT, Scope.RUNTIME),
    "bob": (Scope.AGENT, Scope.RUNTIME),
    "eve": (Scope.SUPERVISOR, Scope.ADMIN, Scope.RUNTIME, Scope.AGENT),
}
Keys = dict[tuple[str, str], str]


@dataclass
class Mould:
    """A database with tables and keys, to be copied for every test: one file, one on a server."""

    folder: Path
    keys: dict[str, Keys]
    server: Server | None = None
    template: str = ""


def mould(folder: Path, server: Server | None) -> Mould:
    """Return the moulds; on the server only where there is one."""
    (folder / "file").mkdir(parents=True)
    made = Mould(
        folder / "file", {"sqlite": _furnished(Settings(data_dir=folder / "file"))}, server
    )
    if server is not None:
        made.template = server.create()
        told = Settings(data_dir=folder / "file", database_url=server.url(made.template))
        made.keys["postgresql"] = _furnished(told)
    return made


def _furnished(settings: Settings) -> Keys:
    keys: Keys = {}
    with opened(settings) as deps:
        for tenant in TENANTS:
            for name, scopes in PEOPLE.items():
                keys[tenant, name], _ = deps.store.write(
                    tenant,
                    lambda tx, n=name, s=scopes: issue_key(tx, n, s, by=SYSTEM, at=deps.clock()),
                )
    return keys


@dataclass
class Stage:
    """One run: what it is made of, and what came of it."""

    nursery: Nursery
    mould: Mould
    folder: Path
    kind: str
    remote: Remote
    database: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    plants: tuple[str, ...] = ()
    history: History = field(default_factory=History)
    services: list["Service"] = field(default_factory=list)
    began: float = field(default_factory=time.time)
    kills: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    """What of, where a test tells."""
    faults: list[tuple[float, float]] = field(default_factory=list)
    """When something was broken on purpose: answers of 503 are excused then."""
    exports: list[list[dict[str, Any]]] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)
    settled_in: float | None = None
    clients: list[Client] = field(default_factory=list)

    @property
    def keys(self) -> Keys:
        """Return (tenant, name) to key."""
        return self.mould.keys[self.kind]

    def serve(self, *plants: str, **settings: str) -> "Service":
        """Start a service, and return when it answers."""
        port = free_port()
        env = environment(
            self.folder,
            port,
            HANDOFF_WEBHOOK_URL=self.remote.url,
            HANDOFF_WEBHOOK_SECRET=SECRET,
            HANDOFF_HASH_SECRET="one secret of all of them",
            HANDOFF_ALLOW_LOOPBACK="true",
            **{**self.settings, **settings},
        )
        env[FILE] = str(self.folder / f"armed-{port}")
        if self.database:
            env["HANDOFF_DATABASE_URL"] = self.database
        service = Service(self, env, ("armed_points", *self.plants, *plants))
        self.services.append(service)
        service.start()
        return service

    def work(self, *plants: str, ready: bool = True, **settings: str) -> "Service":
        """Start a worker beside the first service; return when it works if it is to be `ready`."""
        env = {**self.services[0].env, **settings}
        env[FILE] = str(self.folder / f"armed-worker-{len(self.services)}")
        worker = Service(self, env, ("armed_points", *self.plants, *plants), ("worker",))
        self.services.append(worker)
        worker.start(ready=ready)
        return worker

    def client(self, who: str, tenant: str = "default", service: "Service | None" = None) -> Client:
        """Return a client of a service, the first one else."""
        base = (service or self.services[0]).base
        client = Client(self.history, base, who, self.keys[tenant, who], tenant)
        self.clients.append(client)
        return client

    def looker(self) -> Client:
        """Return a client whose requests are nobody's: they are written down elsewhere."""
        client = Client(History(), self.services[0].base, "eve", self.keys["default", "eve"], "")
        self.clients.append(client)
        return client

    def follow(self) -> Follower:
        """Follow the feed of the first tenant."""
        follower = Follower(self.services[0].base, self.keys["default", "eve"])
        self.followers.append(follower)
        return follower

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return every table as it stands."""
        if self.kind == "sqlite":
            return read_file(self.folder / "handoff.db")
        return read_server(self.database)

    def busy(self) -> int:
        """Return how many deliveries are not settled."""
        query = "SELECT count(*) FROM deliveries WHERE state NOT IN ('confirmed','refused','dead')"
        if self.kind == "sqlite":
            path = f"file:{self.folder / 'handoff.db'}?mode=ro"
            with contextlib.closing(sqlite3.connect(path, uri=True, timeout=10)) as file:
                return int(file.execute(query).fetchone()[0])
        with psycopg.connect(self.database) as server:
            server.execute("SELECT set_config('handoff.tenant', '*', true)")
            return int(server.execute(query).fetchone()[0])  # type: ignore[index] # a count

    def settle(self, patience: float = 20.0) -> None:
        """Wait until no delivery is under way, and remember how long that took."""
        began = time.monotonic()
        while time.monotonic() - began < patience:
            if self.busy() == 0:
                self.settled_in = time.monotonic() - began
                break
            time.sleep(0.03)
        for follower in self.followers:
            last = max(
                row["sequence"] for row in self.rows()["events"] if row["tenant"] == "default"
            )
            until(lambda f=follower, n=last: f.events and f.events[-1]["id"] >= n, 6)

    def export(self) -> None:
        """Keep what the audit trail's export says now."""
        env = self.services[0].env
        told = self.nursery.run(["audit", "export"], env, self.folder)
        self.exports.append([json.loads(line) for line in told.splitlines()])

    def evidence(self) -> Evidence:
        """Return all there is to judge by."""
        self.export()
        log = self.folder / "log"
        return Evidence(
            rows=self.rows(),
            history=self.history.told(),
            ledger=self.remote.told(),
            keyed=self.remote.keyed,
            exports=self.exports,
            log=log.read_text(errors="replace") if log.exists() else "",
            secret=SECRET,
            began=self.began,
            ended=time.time(),
            faults=self.faults,
            settled_in=self.settled_in,
            feeds=[list(one.events) for one in self.followers],
            resources=self.resources,
        )

    def close(self) -> None:
        """End whatever runs."""
        for follower in self.followers:
            follower.stop(quiet=0)
        for service in self.services:
            if service.child.alive:
                service.child.kill()
        for client in self.clients:
            client.close()


@dataclass
class Service:
    """A service or a worker, which may be killed and started again at the same address."""

    stage: Stage
    env: dict[str, str]
    plants: tuple[str, ...]
    command: tuple[str, ...] = ("serve",)
    child: Child = field(init=False)

    @property
    def base(self) -> str:
        """Return its address."""
        return self.env["HANDOFF_BASE_URL"]

    def start(self, *, ready: bool = True) -> None:
        """Run it; return when it answers if it is to be `ready`."""
        self.child = self.stage.nursery.fork(
            [*self.command], self.env, self.stage.folder, self.plants
        )
        if self.command == ("serve",):
            answering(self.base, self.child)
        elif ready:
            until(lambda: working(self.child), 30)

    def arm(self, point: str, nth: int = 1) -> None:
        """Let it die at a point from now on."""
        path = Path(self.env[FILE])
        path.with_suffix(".new").write_text(f"{point}:{nth}")
        path.with_suffix(".new").rename(path)

    def disarm(self) -> None:
        """Let it live."""
        Path(self.env[FILE]).unlink(missing_ok=True)

    def revive(self) -> None:
        """Start it again after it died."""
        self.child.wait()
        self.stage.kills += 1
        self.disarm()
        self.start()

    def kill(self) -> None:
        """Kill it with kill -9 and start it again."""
        began = time.time()
        self.child.kill()
        self.revive()
        self.stage.faults.append((began, time.time()))

    def sample(self) -> None:
        """Note what the process holds."""
        process = Path(f"/proc/{self.child.process}")
        status = (process / "status").read_text().splitlines()
        told = dict(line.split(":", 1) for line in status)
        self.stage.resources.append(
            {
                "process": self.child.process,
                "descriptors": len(os.listdir(process / "fd")),
                "threads": int(told["Threads"]),
                "memory": int(told["VmRSS"].split()[0]),
            }
        )


def answering(base: str, child: Child) -> None:
    """Return when a service answers; raise AssertionError if it ends or takes too long."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert child.alive, f"the service ended with {child.code}"
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{base}/healthz", timeout=2)
            return
        time.sleep(0.01)
    raise AssertionError("the service does not answer")


def working(child: Child) -> bool:
    """Tell whether a worker has begun: it has threads then; fail if it ended."""
    assert child.alive, f"the worker ended with {child.code}"
    return len(os.listdir(f"/proc/{child.process}/task")) > 8


@contextlib.contextmanager
def stage(
    nursery: Nursery,
    made: Mould,
    folder: Path,
    kind: str,
    *,
    keyed: bool = True,
    plants: tuple[str, ...] = (),
    **settings: str,
) -> Iterator[Stage]:
    """Yield a stage on a fresh copy of a mould; nothing runs on it yet."""
    folder.mkdir(parents=True, exist_ok=True)
    database, name = "", ""
    if kind == "sqlite":
        shutil.copy(made.folder / "handoff.db", folder / "handoff.db")
    else:
        assert made.server is not None
        name = made.server.create(made.template)
        database = made.server.url(name)
    with Remote(keyed) as remote:
        one = Stage(nursery, made, folder, kind, remote, database, settings, plants)
        try:
            yield one
        finally:
            one.close()
            if name and made.server is not None:
                made.server.drop(name)


def signed(
    event_id: str, told: dict[str, Any], at: float | None = None
) -> tuple[bytes, dict[str, str]]:
    """Return a callback's body and its headers, signed by Standard Webhooks."""
    body = json.dumps(told).encode()
    stamp = str(int(at or time.time()))
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    mark = hmac.new(secret, f"{event_id}.{stamp}.".encode() + body, sha256).digest()
    return body, {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
        "content-type": "application/json",
    }


def until(true: Callable[[], object], patience: float = 20.0) -> bool:
    """Return whether something came true in time."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


STOP, GO = signal.SIGSTOP, signal.SIGCONT

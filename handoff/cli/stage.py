"""A service of this process' own: fresh, apart from the environment's settings, on loopback."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import uvicorn

from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.cli.keys import AT_TERMINAL
from handoff.domain.errors import HandoffError
from handoff.domain.records import Scope
from handoff.services.access import issue_key, issue_login

START_S = 20.0
HERE = "127.0.0.1"


def own_settings(folder: Path, **told: object) -> Settings:
    """Return settings with the data in `folder`; what the environment says is not heard."""
    fields = Settings.model_fields.items()
    defaults = {name: field.get_default(call_default_factory=True) for name, field in fields}
    return Settings.model_validate({**defaults, "data_dir": folder, **told})


@contextmanager
def working(settings: Settings) -> Iterator[Service]:
    """Run a service without its pages and routes: deliveries are made, timers watched."""
    service = build(settings)
    service.start()
    try:
        yield service
    finally:
        service.stop()


@contextmanager
def on_loopback(make: Callable[[int], Service], port: int = 0) -> Iterator[Service]:
    """Run a whole service over HTTP meanwhile; `make` is told the port that it got."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HERE, port))
        service = make(listening.getsockname()[1])
        config = uvicorn.Config(service.app, log_level="warning", access_log=False, lifespan="on")
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="demo-service")
        thread.start()
        try:
            _wait_for(server, thread)
            yield service
        finally:
            service.leave()
            server.should_exit = True
            thread.join()


def _wait_for(server: uvicorn.Server, thread: Thread) -> None:
    until = monotonic() + START_S
    while not server.started:
        if not thread.is_alive() or monotonic() > until:
            raise HandoffError("the service did not start")
        sleep(0.01)


def new_key(service: Service, name: str, *scopes: Scope) -> str:
    """Return a new API key of the service."""
    deps = service.deps
    key, _ = deps.store.write(
        TENANT, lambda tx: issue_key(tx, name, scopes, by=AT_TERMINAL, at=deps.clock())
    )
    return key


def login_link(service: Service, name: str, *scopes: Scope) -> str:
    """Return a link that logs a person in, once."""
    deps = service.deps
    token = deps.store.write(
        TENANT, lambda tx: issue_login(tx, name, scopes, by=AT_TERMINAL, at=deps.clock())
    )
    return f"{deps.base_url}/login?token={token}"

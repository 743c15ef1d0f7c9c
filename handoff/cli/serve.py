"""Run the service: the API, the desk, and the engine that delivers."""

import gc
import os
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from handoff.bootstrap import TENANT, Service, Settings, build, load_settings
from handoff.cli.connection import Connection
from handoff.domain.errors import Invalid
from handoff.logs import set_up

GRACE = 30
"""Seconds for requests under way when the service is told to stop."""
IDLE = 75
CONNECTIONS = 5_000
"""Requests and feeds open at once; past it the answer is 503. Feeds alone may be 4,000."""
SWITCH_S = 0.001
"""How long one thread may keep others from Python: with the default of 5 ms a turn that arrives
while the writer works waits for it several times over (p99 at 16 connections 35 ms, so 21 ms)."""

COLLECT = (10_000, 20, 20)
"""How seldom Python looks for cyclic garbage. What the service is made of is set aside first: a
full look at it stopped every thread for 0.1 s, now and then."""


class Server(uvicorn.Server):
    """Ends the open feeds when it is told to stop: it would wait for their readers otherwise."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        """Serve `service`."""
        super().__init__(config)
        self._service = service

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and say where."""
        await super().startup(sockets)
        settings = self._service.settings
        typer.echo(f"handoff serves {settings.address} (data in {settings.data_dir})", err=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        self._service.leave()
        super().handle_exit(sig, frame)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port to listen on.")] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the database.")
    ] = None,
) -> int:
    """Serve until told to stop; the settings are HANDOFF_… variables, `handoff doctor` checks them.

    SIGTERM and Control-C let what runs come to its end, for at most half a minute.
    """
    settings = load_settings(host=host, port=port, data_dir=data)
    set_up(settings.log_format)
    sockets = _bound(settings)
    service = build(settings)
    if not service.deps.store.read(TENANT, lambda tx: tx.access.keys()):
        hint = "handoff keys new --name my-bot --scope runtime"
        typer.echo(f"there is no API key yet; make one with: {hint}", err=True)
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()
    gc.set_threshold(*COLLECT)
    config = uvicorn.Config(
        service.app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="warning",
        access_log=False,  # paths hold ids and queries hold words
        server_header=False,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=CONNECTIONS,
        http=Connection,
    )
    server = Server(config, service)
    try:
        server.run(sockets)
    except SystemExit:  # it could not start, and has said why
        return 1
    return 0 if server.started else 1


def _bound(settings: Settings) -> list[socket.socket]:
    """Return sockets at every address of the host; raise Invalid where another has the port.

    Before anything is built: a second service on the same data must not begin to deliver.
    """
    bound: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, kind, protocol, _, address in dict.fromkeys(found):
            one = socket.socket(family, kind, protocol)
            bound.append(one)
            if os.name == "posix":  # elsewhere it would share the port with whoever has it
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
    except OSError as error:
        for one in bound:
            one.close()
        where = f"{settings.host}, port {settings.port}"
        raise Invalid(f"cannot listen at {where}: {error.strerror or error}") from None
    return bound

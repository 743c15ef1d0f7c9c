"""Run the service: the API, the desk, and the engine that delivers."""

import gc
import logging
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from handoff.bootstrap import TENANT, Service, build, load_settings

GRACE = 30
"""Seconds for requests under way when the service is told to stop."""
IDLE = 75
CONNECTIONS = 2_000
"""Requests and feeds open at once; past it the answer is 503."""
HEADER_BYTES = 32_768
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
    """Serve until told to stop; the settings are HANDOFF_… variables, `handoff doctor` shows them.

    SIGTERM and Control-C let what runs come to its end, for at most half a minute.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    service = build(load_settings(host=host, port=port, data_dir=data))
    settings = service.settings
    typer.echo(f"handoff serves {settings.address} (data in {settings.data_dir})", err=True)
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
        log_level="warning",
        access_log=False,  # paths hold ids and queries hold words
        server_header=False,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEADER_BYTES,
    )
    server = Server(config, service)
    try:
        server.run()
    except SystemExit:  # it could not listen, and has said why
        return 1
    return 0 if server.started else 1

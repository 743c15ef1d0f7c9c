"""A worker: does what is due beside the services, on the same database, until told to stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from prometheus_client import start_http_server

from handoff.api.figures import own_registry
from handoff.bootstrap import Service, Settings, build
from handoff.domain.errors import Invalid
from handoff.engines import of_worker


def work(settings: Settings) -> None:
    """Deliver, watch timers and write stories until SIGTERM or Control-C.

    Then nothing more is claimed; what is being sent is finished within a bound, and what is left
    is given back for others to take up.
    """
    told = Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        told.set()

    service = build(settings, engine=of_worker)
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, stop)
    try:
        with telling(service):
            service.start()
            told.wait()
    finally:
        service.stop()


@contextmanager
def telling(service: Service) -> Iterator[None]:
    """Tell the worker's own figures meanwhile, at the port of its settings, if they name one.

    Raises Invalid where another has that port.
    """
    settings = service.settings
    if settings.metrics_port is None:
        yield
        return
    registry = own_registry(service.deps.counts, service.app.state.bell)
    try:
        server, thread = start_http_server(settings.metrics_port, settings.host, registry)
    except OSError as error:
        where = f"{settings.host}, port {settings.metrics_port}"
        raise Invalid(f"cannot listen at {where}: {error.strerror or error}") from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

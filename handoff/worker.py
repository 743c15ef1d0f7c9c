"""A worker: does what is due beside the services, on the same database, until told to stop."""

import signal
from threading import Event
from types import FrameType

from handoff.bootstrap import Settings, build
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
    service.start()
    told.wait()
    service.stop()

"""Starts a service again as soon as it has died at a point, as a supervisor would."""

import time
from threading import Event, Thread

from tests.faults.stage import Service


class Guardian:
    """Watches services while used as a context; `deaths` counts those that were not ours."""

    def __init__(self, *services: Service) -> None:
        """Watch these."""
        self._services = services
        self._stopping = Event()
        self._thread = Thread(target=self._run)
        self.deaths = self.revivals = 0
        self.trouble: BaseException | None = None

    def __enter__(self) -> "Guardian":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End; raise what went wrong when one was started again."""
        self._stopping.set()
        self._thread.join()
        if self.trouble is not None:
            raise self.trouble

    def _run(self) -> None:
        try:
            while not self._stopping.wait(0.005):
                for service in self._services:
                    if service.child.died_at_a_point:
                        began = time.time()
                        self.deaths += 1
                        service.revive()
                        self.revivals += 1
                        service.stage.faults.append((began, time.time()))
        except BaseException as error:  # noqa: BLE001 # raised again where the context ends
            self.trouble = error

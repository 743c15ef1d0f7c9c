"""Listens for hints with an RQ SimpleWorker on one queue, and looks by itself where there are none.

Not used of RQ: its forking worker, its scheduler, its retries, its pickles, and the commands it
takes through Redis. A job may name one function, and neither its code nor its callbacks are ever
looked up: whoever can write to Redis can wake a worker, and no more.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from handoff.jobs.hints import ALIVE, LOOK, QUEUE, WAKE, client, named
from handoff.jobs.loop import Loop

POLL = 1.0
"""Seconds between two looks at the database while Redis gives no hints."""
GONE = 15
"""Seconds after which a worker that says nothing is no longer counted on."""
FULL = 20.0
"""Seconds that a hint waits for room in a worker that has its hands full: others take the next."""
TTL = 20
"""RQ's time to live of a worker: it waits for a job for 15 s less."""

log = logging.getLogger(__name__)


class Allowed(Job):
    """A job of which only the name counts: it is looked up in `functions`, and nowhere else."""

    functions: Mapping[str, Callable[..., object]] = {}

    @property
    def func(self) -> Callable[..., object]:
        """Return the function of that name; raise ValueError if it is none of ours."""
        found = self.functions.get(self.func_name or "")
        if found is None:
            raise ValueError("this function is not allowed")
        return found

    success_callback = failure_callback = stopped_callback = None


class Worker(SimpleWorker):
    """A SimpleWorker for a thread: without signals, without commands, without patience."""

    death_penalty_class = TimerDeathPenalty
    max_connection_wait_time = POLL
    stopping: Callable[[], bool] = staticmethod(lambda: False)

    def _install_signal_handlers(self) -> None:
        """Leave signals to the process."""

    def subscribe(self) -> None:
        """Take no commands: one of them would end the process."""

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Say that it lives; end where it is to stop, or where Redis does not answer."""
        if pipeline is None and self.stopping():
            raise StopRequested
        try:
            super().heartbeat(timeout, pipeline)
        except (RedisError, OSError) as error:
            raise StopRequested from error


class Listener:
    """Calls `attend` for every hint; `poll` while there can be none."""

    def __init__(self, url: str, attend: Callable[[float], None], poll: Callable[[], None]) -> None:
        """Make the threads; `start` runs them."""
        self._redis = client(url)
        """For what must not wait; RQ waits longer on a connection of its own."""
        self._url = url
        self._attend = attend
        self._poll = poll
        self._stopping = False
        self._trouble = ""
        self._listening = Loop("listener", self._listen, at_least_every=POLL)
        self._alive = Loop("alive", self._say, at_least_every=LOOK)

    def start(self) -> None:
        """Begin."""
        self._alive.start()
        self._listening.start()

    def stop(self) -> None:
        """Take no more hints; not waited for, as there is nothing to lose."""
        self._stopping = True
        self._listening.stop(patience=0.0)
        self._alive.stop(patience=1.0)

    def trouble(self) -> str:
        """Return what is wrong with Redis, empty if nothing is."""
        return self._trouble

    def _listen(self) -> float | None:
        """Work until Redis fails; then look at the database without a hint."""
        redis = client(self._url)
        try:
            # RQ would wait for many seconds until it sees that nobody answers. Its own client must
            # not have connected before: it gives connections that it makes more patience.
            self._redis.ping()
            worker = Worker(
                QUEUE,
                connection=redis,
                job_class=_only({WAKE: self._hinted}),
                serializer=JSONSerializer,
                worker_ttl=TTL,
                log_job_description=False,
            )
            worker.stopping = lambda: self._stopping
            worker.work(logging_level="CRITICAL")
        except (RedisError, OSError) as error:
            self._tell(named(error))
        finally:
            redis.close()
        self._poll()
        return POLL

    def _hinted(self, form: int, *_: object, **__: object) -> None:  # noqa: ARG002 # whatever its form, the database is looked at
        self._attend(FULL)

    def _say(self) -> float | None:
        try:
            self._redis.set(ALIVE, 1, ex=GONE)
        except (RedisError, OSError) as error:
            self._tell(named(error))
        else:
            self._tell("")
        return None

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("redis: %s", trouble or "all is well again")
        self._trouble = trouble


def _only(functions: Mapping[str, Callable[..., object]]) -> type[Allowed]:
    """Return the class of jobs that may run these functions."""
    return type("Hinted", (Allowed,), {"functions": functions})

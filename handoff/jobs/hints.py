"""Hints through Redis that something may be due: workers would see it anyway, but later.

Nothing depends on a hint. Redis may be absent, hang, be emptied or be full: that costs the time
until a worker looks at the database by itself, and the readiness says so. A hint is an RQ job that
carries the version of its form and no more; it is made on a thread of its own, off every request.
"""

import logging
from time import monotonic
from typing import Any

from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from handoff.jobs.loop import AFTER_TROUBLE, Loop

QUEUE = "handoff"
WAKE = "handoff.wake"
"""The only function that a worker runs; a name, not where it is."""
FORM = 1
"""Version of a hint's arguments."""
TIMEOUT = 0.25
"""Seconds that Redis is given to answer."""
ENOUGH = 8
"""Hints that wait at most: each has everything done that is due."""
TTL = 60
"""Seconds after which a hint that nobody took is dropped."""
LOOK = 5.0
"""Seconds between two looks at Redis and at whether a worker lives."""
ALIVE = "handoff:worker"
"""The key that every worker sets again and again, and that goes by itself."""

log = logging.getLogger(__name__)


class Hints:
    """Tells the workers. `wake` only marks it; a thread does it, once for many."""

    def __init__(self, url: str, look: float = LOOK) -> None:
        """Make the thread; `start` runs it."""
        self._redis = client(url)
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
        self._look = look
        self._looked = -look
        self._wanted = False
        self._trouble = ""
        self._loop = Loop("hints", self._step, at_least_every=look)

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def stop(self) -> None:
        """End; a hint that was wanted and not sent is none that anything depends on."""
        self._loop.stop(patience=4 * TIMEOUT)
        self._redis.close()

    def wake(self) -> None:
        """Have the workers look, after a commit."""
        self._wanted = True
        self._loop.wake()

    def trouble(self) -> str:
        """Return what is wrong with Redis, or that no worker lives; empty if nothing is."""
        return self._trouble

    def _step(self) -> float | None:
        wanted, self._wanted = self._wanted, False
        rest = None
        try:
            if monotonic() - self._looked >= self._look:
                self._looked = monotonic()
                self._tell(_trouble(self._redis))
            if wanted:
                self._send()
        except (RedisError, OSError) as error:
            self._tell(named(error))
            self._wanted = wanted or self._wanted
            rest = AFTER_TROUBLE if wanted else None
        return rest

    def _send(self) -> None:
        if self._redis.llen(self._queue.key) < ENOUGH:
            self._queue.enqueue_call(
                WAKE, args=(FORM,), timeout=-1, result_ttl=0, failure_ttl=TTL, ttl=TTL
            )

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("redis: %s", trouble or "all is well again")
        self._trouble = trouble


def client(url: str, timeout: float = TIMEOUT) -> "Redis":
    """Return a client that gives up soon; it connects when it is first used."""
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=None)


def named(error: Exception) -> str:
    """Return what is wrong with Redis in a few words, without its address."""
    if isinstance(error, OutOfMemoryError):
        return "it is full"
    return f"it does not answer ({type(error).__name__})"


def _trouble(redis: "Redis") -> str:
    short = short_of_memory(redis.info("memory"))
    if short:
        return short
    return "" if redis.exists(ALIVE) else "no worker is there"


def short_of_memory(info: dict[str, Any]) -> str:
    """Return what becomes of hints for want of memory, empty where there is enough."""
    policy, most = info["maxmemory_policy"], info["maxmemory"]
    if most and policy != "noeviction":
        return f"its maxmemory-policy is {policy}, not noeviction: it drops hints"
    return "it is full" if most and info["used_memory"] >= most else ""

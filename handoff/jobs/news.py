"""Word through Redis that something changed, so that who reads a feed elsewhere hears of it soon.

Nothing depends on it: the table of events is the truth, and readers look at it by themselves again
and again. The word says only who sent it, so that nobody wakes for their own.
"""

import secrets
from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError

from handoff.jobs.hints import TIMEOUT, client
from handoff.jobs.loop import AFTER_TROUBLE, Loop

CHANNEL = "handoff:news"
WAIT = 0.5
"""Seconds between two looks at whether it is to stop."""
LONGEST = 5.0
"""Seconds between two looks at whether there is something to tell, if nobody woke it."""
HEALTH = 15
"""Seconds of silence after which Redis is asked whether it is still there."""


class News:
    """Tells other processes of changes, once for many; calls `hear` when one of them does."""

    def __init__(self, url: str, hear: Callable[[], None]) -> None:
        """Make the threads; `start` runs them."""
        self._url = url
        self._hear = hear
        self._me = secrets.token_hex(8).encode()
        self._redis = client(url)
        self._wanted = False
        self._stopping = False
        self._telling = Loop("news", self._publish, at_least_every=LONGEST)
        self._hearing = Loop("ear", self._listen, at_least_every=AFTER_TROUBLE)

    def start(self) -> None:
        """Begin."""
        self._hearing.start()
        self._telling.start()

    def stop(self) -> None:
        """End; word that was not sent is none that anything depends on."""
        self._stopping = True
        self._telling.stop(patience=4 * TIMEOUT)
        self._hearing.stop(patience=2 * WAIT)
        self._redis.close()

    def tell(self) -> None:
        """Have the others told, after a commit; never waits."""
        self._wanted = True
        self._telling.wake()

    def _publish(self) -> None:
        if self._wanted:
            self._wanted = False
            try:
                self._redis.publish(CHANNEL, self._me)
            except (RedisError, OSError):
                return  # readers look by themselves, and the readiness says what Redis is like

    def _listen(self) -> float:
        """Hear until Redis fails; then begin again, with a look at what was missed."""
        redis = Redis.from_url(
            self._url, socket_connect_timeout=TIMEOUT, health_check_interval=HEALTH, retry=None
        )
        ear = redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call] # redis-py types it not
        try:
            ear.subscribe(CHANNEL)
            self._hear()
            while not self._stopping:
                said = ear.get_message(timeout=WAIT)
                if said is not None and said["data"] != self._me:
                    self._hear()
        except (RedisError, OSError):
            return AFTER_TROUBLE
        finally:
            ear.close()
            redis.close()
        return 0.0

"""The feed of changes as server-sent events: resumable, bounded, for as long as one may read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic

from pydantic_core import to_json

from handoff.domain.audit import timestamp
from handoff.domain.errors import Overloaded
from handoff.domain.records import Event

HEARTBEAT = 15.0
LOOK = 4.0
"""Seconds after which the table is looked at though nobody rang, and the reader's right again."""
REST = 0.05
"""Seconds between two looks at least: a burst of changes is read at once."""
AT_ONCE = 200
MOST_READERS = 1_000

Look = Callable[[int], Awaitable[tuple[Event, ...]]]
Allowed = Callable[[], Awaitable[bool]]


class Bell:
    """Wakes those who wait for changes. It carries nothing: the table is the truth.

    A reader is one flag, however slow it is and however much happens: nothing piles up for it.
    """

    def __init__(
        self, *, look: float = LOOK, heartbeat: float = HEARTBEAT, most: int = MOST_READERS
    ) -> None:
        """Start with nobody waiting."""
        self._look = look
        self._heartbeat = heartbeat
        self._most = most
        self._flags: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self.closed = False

    def ring(self) -> None:
        """Wake everybody; from any thread."""
        for flag, loop in tuple(self._flags.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(flag.set)

    def close(self) -> None:
        """Let every stream end: the service is going down."""
        self.closed = True
        self.ring()

    async def stream(self, after: int, look: Look, allowed: Allowed) -> AsyncIterator[bytes]:
        """Yield the events after a sequence, and then each as it comes; heartbeats in between."""
        if len(self._flags) >= self._most:
            raise Overloaded("too many feeds are open")
        flag = asyncio.Event()
        self._flags[flag] = asyncio.get_running_loop()
        spoke = monotonic()
        try:
            yield b"retry: 1000\n\n"
            while not self.closed and await allowed():
                flag.clear()
                events = await look(after)
                for event in events:
                    yield written(event)
                    after, spoke = event.sequence, monotonic()
                if monotonic() - spoke >= self._heartbeat:
                    yield b": still here\n\n"
                    spoke = monotonic()
                if len(events) < AT_ONCE:
                    await _rung(flag, self._look)
        finally:
            del self._flags[flag]


async def _rung(flag: asyncio.Event, patience: float) -> None:
    await asyncio.sleep(REST)
    try:
        async with asyncio.timeout(patience):
            await flag.wait()
    except TimeoutError:
        return


def written(event: Event) -> bytes:
    """Return an event in the wire format (WHATWG HTML 9.2.6); JSON has no line breaks in it."""
    told = {
        "kind": event.kind,
        "subject": event.subject,
        "data": event.data,
        "at": timestamp(event.at),
    }
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        event.sequence,
        event.kind.encode(),
        to_json(told),
    )

"""The feed of changes as server-sent events: resumable, bounded, for as long as one may read."""

import asyncio
from collections import Counter
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
MOST_READERS = 4_000
MOST_OF_ONE = 20
"""Feeds that one principal may have open."""
RESYNC = "resync"
"""Kind of the event that says: what came before is no longer kept, read what you show anew."""
LOOKING = 4
"""Feeds that look at once: after a ring all want to, and other requests need threads too."""

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
        self._readers: Counter[str] = Counter()
        self._looking = asyncio.Semaphore(LOOKING)
        self.closed = False
        self.refused = 0
        """Feeds that were one too many."""
        self.tell: Callable[[], None] = lambda: None
        """How those who wait in other processes are told."""

    @property
    def readers(self) -> int:
        """Return how many feeds are open."""
        return len(self._flags)

    def ring(self) -> None:
        """Wake everybody, here and in other processes; from any thread."""
        self.hear()
        self.tell()

    def hear(self) -> None:
        """Wake everybody here; from any thread."""
        for flag, loop in tuple(self._flags.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(flag.set)

    def close(self) -> None:
        """Let every stream end: the service is going down."""
        self.closed = True
        self.hear()

    def stream(self, reader: str, after: int, look: Look, allowed: Allowed) -> AsyncIterator[bytes]:
        """Return what yields the events after a sequence, then each as it comes, and heartbeats.

        Raises Overloaded where it would be one feed too many, of this reader or of all.
        """
        if self._full(reader):
            self.refused += 1
            raise Overloaded("too many feeds are open")
        return self._stream(reader, after, look, allowed)

    def _full(self, reader: str) -> bool:
        return len(self._flags) >= self._most or self._readers[reader] >= MOST_OF_ONE

    async def _stream(
        self, reader: str, after: int, look: Look, allowed: Allowed
    ) -> AsyncIterator[bytes]:
        if self._full(reader):  # others began since it was let in
            self.refused += 1
            return
        flag = asyncio.Event()
        self._flags[flag] = asyncio.get_running_loop()
        self._readers[reader] += 1
        spoke = monotonic()
        try:
            yield b"retry: 1000\n\n"
            while not self.closed:
                flag.clear()
                events = await self._read(after, look, allowed)
                if events is None:
                    break
                more = len(events) == AT_ONCE
                if events:
                    told, after = _written(after, events), events[-1].sequence
                    events = ()  # while a slow reader takes it, only the bytes are held
                    yield told
                    spoke = monotonic()
                if monotonic() - spoke >= self._heartbeat:
                    yield b": still here\n\n"
                    spoke = monotonic()
                if not more:
                    await _rung(flag, self._look)
        finally:
            del self._flags[flag]
            self._readers[reader] -= 1
            self._readers += Counter()  # forgets who has none

    async def _read(self, after: int, look: Look, allowed: Allowed) -> tuple[Event, ...] | None:
        """Return what came after a sequence; None where the reader may not, or cannot now, read.

        While the database is away feeds end: their readers come again, and go on.
        """
        try:
            async with self._looking:
                return await look(after) if await allowed() else None
        except Overloaded:
            return None


async def _rung(flag: asyncio.Event, patience: float) -> None:
    await asyncio.sleep(REST)
    try:
        async with asyncio.timeout(patience):
            await flag.wait()
    except TimeoutError:
        return


def _written(after: int, events: tuple[Event, ...]) -> bytes:
    """Return events as bytes, with RESYNC before them where some were let go of meanwhile."""
    first = events[0]
    whole = after + 1 == first.sequence
    gap = () if whole else (Event(first.sequence - 1, RESYNC, "", {}, first.at),)
    return b"".join(map(written, (*gap, *events)))


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

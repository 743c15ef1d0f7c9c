"""A receiver that keeps a ledger of all that reached it, and answers by a script.

It writes each request down before it answers. One that is `keyed` remembers the keys it has had an
effect for, as a receiver of webhooks should; the other does it all again each time.
"""

import json
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

from tests.receiver import read_request


@dataclass
class Sighting:
    """One request in the ledger."""

    key: str
    headers: dict[str, str]
    body: bytes
    began: float
    ended: float = 0.0
    """When its answer was written, or the connection was given up."""
    status: int | None = None
    """The status that was answered; None where none was."""
    retry_after: float | None = None
    effect: bool = False
    """Whether something came of it at the receiver."""


@dataclass(frozen=True)
class Act:
    """How one request is answered. `status` 0 means not at all: the connection is closed."""

    status: int = 200
    effect: bool = True
    retry_after: float | None = None
    pause: float = 0.0
    """Seconds of thought before the answer."""
    garbage: bytes = b""
    drip: float = 0.0
    """Seconds over which an answer drips, a byte at a time."""


HELD_S = 900.0
"""Seconds for which a closed gate holds requests; a busy machine takes its time to fill it."""
OK = Act()
BROKEN = Act(500, effect=False)
LOST = Act(0)
"""The effect is there, and the sender is never told."""
GARBAGE = Act(0, garbage=b"\x00\xff not HTTP at all\r\n\r\n")
GONE = Act(410, effect=False)


def busy(seconds: float) -> Act:
    """Return the answer that asks to wait."""
    return Act(429, effect=False, retry_after=seconds)


def slow(seconds: float, act: Act = OK) -> Act:
    """Return an answer that is thought over first."""
    return Act(act.status, act.effect, act.retry_after, pause=seconds)


@dataclass
class Remote:
    """Listens on 127.0.0.1 while used as a context."""

    keyed: bool = True
    script: Iterator[Act] = field(default_factory=lambda: repeat(OK))
    ledger: list[Sighting] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    """While it is not set no request is answered."""
    choose: Callable[[Sighting], Act | None] = lambda _: None
    """Asked first; None leaves it to the script."""

    def plays(self, *acts: Act) -> None:
        """Answer the next requests so, and all after them well."""
        self.script = chain(acts, repeat(OK))

    def __enter__(self) -> "Remote":
        """Begin to listen."""
        self.gate.set()
        self._lock = threading.Lock()
        self._had: Counter[str] = Counter()
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # senders die: that is the test
        self._server = server
        self.port: int = server.server_address[1]
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    def told(self) -> list[dict[str, Any]]:
        """Return the ledger as plain values."""
        with self._lock:
            return [
                {**one.__dict__, "body": json.loads(one.body), "text": one.body.decode()}
                for one in self.ledger
            ]

    def _arrived(self, sighting: Sighting) -> Act:
        with self._lock:
            self.ledger.append(sighting)
            act = self.choose(sighting) or next(self.script)
            if act.effect and not (self.keyed and self._had[sighting.key]):
                self._had[sighting.key] += 1
                sighting.effect = True
            return act

    def _handler(remote) -> type[socketserver.BaseRequestHandler]:  # noqa: N805 # closed over
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                connection = self.request
                with connection, connection.makefile("rb") as stream, suppress(OSError):
                    while request := read_request(stream):
                        key = request.headers.get("webhook-id", "")
                        at = time.time()
                        sighting = Sighting(key, request.headers, request.body, at)
                        act = remote._arrived(sighting)
                        remote.gate.wait(HELD_S)
                        time.sleep(act.pause)
                        try:
                            for piece in _pieces(act):
                                connection.sendall(piece)
                            if act.status:
                                sighting.retry_after = act.retry_after
                                sighting.status = act.status
                        finally:
                            sighting.ended = time.time()
                        if not act.status:
                            return

        return Handler


def _pieces(act: Act) -> Iterable[bytes]:
    if not act.status:
        return [act.garbage] if act.garbage else []
    wait = f"Retry-After: {act.retry_after:g}\r\n" if act.retry_after is not None else ""
    head = f"HTTP/1.1 {act.status} Scripted\r\n{wait}Content-Length: 0\r\n\r\n".encode()
    return _dripped(head, act.drip) if act.drip else [head]


def _dripped(head: bytes, seconds: float) -> Iterator[bytes]:
    for byte in head:
        time.sleep(seconds / len(head))
        yield bytes([byte])

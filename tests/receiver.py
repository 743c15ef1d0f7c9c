"""A real HTTP receiver on loopback: keeps what arrived, answers as a test tells it to."""

import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Received], Iterator[bytes]]
"""The bytes of an answer, written one after another."""

HANG_UP = b""
RESET = b"\0reset"
"""Yielded instead of bytes: close the connection properly, or with a TCP reset."""


def plain(status: str = "200 OK", *headers: str, body: bytes = b"") -> Answer:
    """Answer properly and keep the connection."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers)
    return lambda _: iter(["\r\n".join((*lines, "", "")).encode() + body])


def raw(data: bytes) -> Answer:
    """Answer with these bytes and hang up."""
    return lambda _: iter([data, HANG_UP])


@dataclass
class Drip:
    """Answers with one byte of a header every tenth of a second, 200 times."""

    finished: bool = False

    def __call__(self, _: Received) -> Iterator[bytes]:
        """Answer slowly."""
        yield b"HTTP/1.1 200 OK\r\nX-Slow: "
        for _byte in range(200):
            time.sleep(0.1)
            yield b"x"
        self.finished = True


def endless() -> Answer:
    """Answer with a body that does not end."""

    def answer(_: Received) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        while True:
            yield b"x" * 65_536

    return answer


@dataclass
class Receiver:
    """Listens on 127.0.0.1 while used as a context; `ledger` has what arrived, in order."""

    answer: Answer = field(default_factory=plain)
    tls: ssl.SSLContext | None = None
    ledger: list[Received] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> "Receiver":
        """Begin to listen."""
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # hang-ups are part of the tests
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    def ids(self) -> list[str]:
        """Return the `webhook-id` of each request."""
        return [request.headers.get("webhook-id", "") for request in self.ledger]

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        receiver = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                receiver.connections += 1
                connection = self.request
                if receiver.tls:
                    connection = receiver.tls.wrap_socket(connection, server_side=True)
                with connection, connection.makefile("rb") as stream:
                    while request := read_request(stream):
                        receiver.ledger.append(request)
                        for piece in receiver.answer(request):
                            if piece == RESET:
                                now = struct.pack("ii", 1, 0)
                                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                            if piece in (HANG_UP, RESET):
                                return
                            connection.sendall(piece)

        return Handler


def read_request(stream: BinaryIO) -> Received | None:
    """Return the next request of a connection; None when the caller hung up, also halfway."""
    line = stream.readline().decode().strip()
    headers = {}
    while (header := stream.readline()).strip():
        name, _, value = header.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0))) if header else b""
    whole = header and len(body) == int(headers.get("content-length", 0))
    return Received(line, headers, body) if line and whole else None

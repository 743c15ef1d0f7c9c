"""A small load generator: keep-alive connections that post one body after the other."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import quantiles

Body = tuple[str, bytes]
"""A path and a JSON body."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run showed: requests per second, and seconds per request."""

    per_second: float
    p50: float
    p99: float


async def _talk(port: int, key: str, bodies: Iterator[Body], until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took: list[float] = []
    try:
        for path, body in bodies:
            head = (
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = answer.lower().split(b"content-length:")[1].split(b"\r\n")[0]
            content = await reader.readexactly(int(length))
            took.append(time.perf_counter() - began)
            if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
                raise RuntimeError(f"{answer[:60]!r} {content[:300]!r}")
            if time.perf_counter() > until:
                break
    finally:
        writer.close()
        await writer.wait_closed()
    return took


async def _load(
    port: int, key: str, connections: int, seconds: float, make: Callable[[int], Iterator[Body]]
) -> Measured:
    began = time.perf_counter()
    until = began + seconds
    runs = [_talk(port, key, make(number), until) for number in range(connections)]
    took = [second for run in await asyncio.gather(*runs) for second in run]
    elapsed = time.perf_counter() - began
    cuts = quantiles(took, n=100)
    return Measured(len(took) / elapsed, cuts[49], cuts[98])


def load(
    port: int, key: str, connections: int, seconds: float, make: Callable[[int], Iterator[Body]]
) -> Measured:
    """Post what `make(connection number)` yields for `seconds` and return the figures."""
    return asyncio.run(_load(port, key, connections, seconds, make))

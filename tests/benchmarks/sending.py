"""Sends per second through the shared way out, against httpx alone, to one peer beside us."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from statistics import median

import httpx

from connectors import connect
from handoff.domain.connector import Parcel
from handoff.outbound import GuardedClient
from tests.benchmarks.opening import SECRET
from tests.benchmarks.servers import free_port
from tests.parcels import parcel
from tests.receiver import Receiver

SENDS = 1_000
THREADS = 8
ROUNDS = 5


def run() -> dict[str, float]:
    """Return sends per second by each, and the median of the rounds' ratios.

    Both send the same bytes with the same headers, each from one client for all threads, in turn.
    """
    parcels = [parcel(f"dlv_{number}") for number in range(SENDS)]
    body, headers = _as_sent(parcels[0])
    ours, theirs = [], []
    with _peer() as url, closing(GuardedClient(allow_loopback=True)) as out, httpx.Client() as bare:

        def by_outbound(_: Parcel) -> None:
            assert out.post(url, body, headers).status == 204

        def by_httpx(_: Parcel) -> None:
            assert bare.post(url, content=body, headers=headers).status_code == 204

        for send in (by_outbound, by_httpx):
            _rate(send, parcels[:100])
        for _ in range(ROUNDS):
            ours.append(_rate(by_outbound, parcels))
            theirs.append(_rate(by_httpx, parcels))
        webhook = connect("webhook", {"url": url, "secret": SECRET}, out)
        whole = _rate(webhook.deliver, parcels)
    share = median(mine / other for mine, other in zip(ours, theirs, strict=True))
    return {"share": share, "ours": median(ours), "httpx": median(theirs), "webhook": whole}


def _as_sent(one: Parcel) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a delivery as the webhook sends it."""
    with Receiver() as receiver, closing(GuardedClient(allow_loopback=True)) as out:
        connect("webhook", {"url": receiver.url, "secret": SECRET}, out).deliver(one)
    sent = receiver.ledger[0]
    own = ("content-type", "webhook-id", "webhook-timestamp", "webhook-signature")
    return sent.body, {name: sent.headers[name] for name in own}


def _rate(send: Callable[[Parcel], object], parcels: list[Parcel]) -> float:
    with ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()
        for _ in pool.map(send, parcels):
            pass
        return len(parcels) / (time.perf_counter() - began)


@contextlib.contextmanager
def _peer() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", __name__, json.dumps(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        process.stdout.readline()  # it listens
        yield f"http://127.0.0.1:{port}/hook"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    writer.close()


async def _serve(port: int) -> None:
    server = await asyncio.start_server(_talk, "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))

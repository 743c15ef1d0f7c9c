"""Hints through a real Redis: what they carry, who takes them, and what is lost without them."""

import os
import pickle
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from handoff.jobs.hints import ENOUGH, QUEUE, Hints
from handoff.jobs.listener import Listener
from tests.redis_server import Server, hanging, running


@pytest.fixture(scope="module")
def one() -> Iterator[Server]:
    """Return a Redis of this module's own."""
    with running() as server:
        yield server


@pytest.fixture
def server(one: Server) -> Server:
    """Return it with nothing in it."""
    with one.client() as client:
        client.flushall()
    return one


@contextmanager
def hints(url: str) -> Iterator[Hints]:
    """Run hints that look at Redis every 50 ms."""
    made = Hints(url, look=0.05)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def listener(url: str, attended: Event, polled: Event | None = None) -> Iterator[Listener]:
    """Run a listener that notes what it was called for."""
    made = Listener(url, lambda _: attended.set(), (polled or Event()).set)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def until(true: Callable[[], object], seconds: float = 10.0) -> bool:
    """Return whether something comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


def test_a_hint_reaches_a_worker(server: Server) -> None:
    """And is gone from Redis then."""
    attended = Event()

    with listener(server.url, attended), hints(server.url) as told:
        told.wake()
        assert attended.wait(10)

    with server.client() as client:
        assert until(lambda: not client.keys("rq:job:*"))


def test_a_worker_with_nothing_to_do_goes_on_listening(server: Server) -> None:
    """Its connection waits in Redis, and is not given up and made anew."""
    with listener(server.url, Event()), server.client() as client:
        assert until(lambda: listening(client))
        seen = sum((time.sleep(0.05), listening(client))[1] for _ in range(40))

    assert seen > 30


def listening(client: "Redis") -> bool:
    """Tell whether somebody waits for a job."""
    return any("b" in one["flags"] for one in client.client_list())


def test_a_hint_carries_the_version_of_its_form_and_no_more(server: Server) -> None:
    """As JSON, and however many are wanted only a few wait."""
    with hints(server.url) as told, server.client() as client:
        for _ in range(30):
            told.wake()
            time.sleep(0.01)
        assert until(lambda: client.llen(f"rq:queue:{QUEUE}"))
        assert client.llen(f"rq:queue:{QUEUE}") <= ENOUGH
        kept = client.hgetall(client.keys("rq:job:*")[0])

    assert zlib.decompress(kept[b"data"]) == b'["handoff.wake", null, [1], {}]'


@pytest.mark.parametrize("pickled", [True, False])
def test_a_job_that_names_another_function_is_not_run(
    server: Server, tmp_path: Path, pickled: bool
) -> None:
    """Neither from JSON nor from a pickle; the next hint is taken all the same."""
    attended, trace = Event(), tmp_path / "trace"

    class Bad:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(trace),)

    with server.client() as client, listener(server.url, attended):
        queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
        job = queue.enqueue_call("os.mkdir", args=(str(trace),), result_ttl=0)
        if pickled:
            client.hset(job.key, "data", pickle.dumps(Bad()))
        Hints(server.url)._send()
        assert attended.wait(10)

    assert not trace.exists()


def test_a_worker_outlives_an_emptied_redis(server: Server) -> None:
    """FLUSHALL loses the hints that wait; the next one is heard."""
    attended = Event()

    with listener(server.url, attended), hints(server.url) as told, server.client() as client:
        assert until(lambda: client.exists("handoff:worker"))
        client.flushall()
        told.wake()
        assert attended.wait(10)


def test_without_a_worker_it_says_so(server: Server) -> None:
    """Until one is there."""
    with hints(server.url) as told:
        assert until(lambda: told.trouble() == "no worker is there")
        with listener(server.url, Event()):
            assert until(lambda: told.trouble() == "")


def test_nobody_waits_for_a_redis_that_hangs() -> None:
    """Waking takes no time, and what is wrong is told."""
    with hanging() as url, hints(url) as told:
        began = time.monotonic()
        for _ in range(1_000):
            told.wake()
        took = time.monotonic() - began
        assert until(lambda: "does not answer" in told.trouble())

    assert took < 0.25


def test_a_worker_looks_by_itself_while_there_is_no_redis() -> None:
    """Every second, until it comes; then it listens."""
    server, attended, polled = Server(), Event(), Event()
    with listener(server.url, attended, polled) as heard:
        assert polled.wait(10)
        assert "does not answer" in heard.trouble()
        server.start()
        with hints(server.url) as told:
            assert until(lambda: (told.wake(), attended.is_set())[1])
            assert until(lambda: heard.trouble() == "")
    server.close()


@pytest.mark.parametrize(
    ("most", "policy", "said"),
    [(1, "noeviction", "it is full"), (10**9, "allkeys-lru", "not noeviction")],
)
def test_a_redis_that_is_full_or_forgets_is_told_of(
    server: Server, most: int, policy: str, said: str
) -> None:
    """One refuses hints, the other drops them: both cost time alone."""
    with server.client() as client, hints(server.url) as told:
        client.config_set("maxmemory-policy", policy)
        client.config_set("maxmemory", most)
        try:
            assert until(lambda: (told.wake(), said in told.trouble())[1])
        finally:
            client.config_set("maxmemory", 0)
            client.config_set("maxmemory-policy", "noeviction")

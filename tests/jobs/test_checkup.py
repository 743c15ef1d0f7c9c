"""What the doctor sees of a real Redis: what is wrong, and what could be better."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from handoff.jobs.checkup import describe, skew_of
from handoff.jobs.port import Seen
from tests.redis_server import Server, hanging, running

MB = 2**20
HOUR = timedelta(hours=1)
AWAY = "redis://:secret@127.0.0.1:1/0"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Return a Redis of this module's own."""
    with running() as one:
        yield one


@pytest.fixture(autouse=True)
def _as_it_was(server: Server) -> Iterator[None]:
    """Set it back after each test."""
    yield
    told = {"maxmemory": 0, "maxmemory-policy": "noeviction", "appendonly": "no"}
    with server.client() as client:
        for name, value in told.items():
            client.config_set(name, value)
        client.flushall()


def told(server: Server, **settings: str | int) -> Seen:
    """Return what is seen of it with these settings."""
    with server.client() as client:
        for name, value in settings.items():
            client.config_set(name.replace("_", "-"), value)
    return describe(server.url)


def test_a_redis_as_it_comes_works_and_could_be_better(server: Server) -> None:
    """It bounds no memory, and forgets hints."""
    seen = describe(server.url)

    assert "maxmemory 0 noeviction, append-only file off, no worker" in seen.told
    assert seen.wrong == ""
    assert "set it, to 256mb say" in seen.advice
    assert "set appendonly to yes" in seen.advice


def test_a_redis_as_advised_is_told_nothing(server: Server) -> None:
    """Bounded, evicting nothing, with its file."""
    seen = told(server, maxmemory=256 * MB, appendonly="yes")

    assert "maxmemory 268435456 noeviction, append-only file on" in seen.told
    assert (seen.wrong, seen.advice) == ("", "")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"maxmemory": 256 * MB, "maxmemory_policy": "allkeys-lru"}, "allkeys-lru, not noeviction"),
        ({"maxmemory": 1}, "it is full"),
    ],
)
def test_a_redis_that_drops_or_refuses_hints_is_wrong(
    server: Server, settings: dict[str, str | int], says: str
) -> None:
    """With what to do about it."""
    seen = told(server, **settings)

    assert says in seen.wrong
    assert "raise its maxmemory, and set maxmemory-policy to noeviction" in seen.wrong


def test_a_redis_that_fills_up_is_told_before_it_is_full(server: Server) -> None:
    """And one that would evict, were its memory bounded."""
    with server.client() as client:
        client.set("x", bytes(20 * MB))
    with server.client() as client:
        most = int(client.info("memory")["used_memory"] * 1.1)
    filling = told(server, maxmemory=most)
    unbounded = told(server, maxmemory=0, maxmemory_policy="volatile-lru")

    assert "% of its memory is used: raise its maxmemory" in filling.advice
    assert "is volatile-lru: set it to noeviction before" in unbounded.advice
    assert (filling.wrong, unbounded.wrong) == ("", "")


def test_a_clock_an_hour_off_is_seen(server: Server) -> None:
    """Here it is this machine's, put back and forth."""
    late = skew_of(server.url, lambda: datetime.now(UTC) - HOUR)
    same = skew_of(server.url, lambda: datetime.now(UTC))

    assert late is not None
    assert same is not None
    assert abs(late.seen - HOUR) < timedelta(minutes=1)
    assert same.sure < timedelta(seconds=1)


def test_one_that_is_away_is_told_without_its_password() -> None:
    """And one that hangs after some time."""
    with hanging() as url:
        silent, no_time = describe(url), skew_of(url, lambda: datetime.now(UTC))

    gone = describe(AWAY)
    assert gone.wrong.startswith("it does not answer (ConnectionError): start it")
    assert silent.wrong.startswith("it does not answer (TimeoutError)")
    assert (gone.told, no_time, skew_of(AWAY, lambda: datetime.now(UTC))) == ("", None, None)

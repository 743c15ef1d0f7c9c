"""Workers beside a service, whatever happens to them and to Redis: each webhook arrives, once."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest

from tests.benchmarks.servers import free_port
from tests.faults.workers import House, house, until
from tests.receiver import Received, plain
from tests.redis_server import Server, hanging, running

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def redis() -> Iterator[Server]:
    """Return a Redis of this module's own."""
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def service(redis: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a service that waits for workers."""
    with house(tmp_path_factory.mktemp("house"), redis.url) as running:
        yield running


def test_two_workers_on_one_postgresql_deliver_everything_once(
    redis: Server, postgres_url: str, tmp_path: Path
) -> None:
    """However they share it, and however late Redis wakes them; and the service is well."""
    with (
        house(tmp_path, redis.url, HANDOFF_DATABASE_URL=postgres_url) as service,
        service.worker(),
        service.worker(),
    ):
        until(lambda: "degraded" not in service.client.get("/readyz").json())
        service.open(40)
        service.finished()

    assert sorted(service.sent().values()) == [1] * 40


@pytest.mark.long
def test_two_workers_on_one_file_deliver_everything_once(service: House) -> None:
    """However they share it; and the service says that it is well."""
    before = service.sent()
    with service.worker(), service.worker():
        until(lambda: "degraded" not in service.client.get("/readyz").json())
        service.open(40)
        service.finished()

    assert sorted((service.sent() - before).values()) == [1] * 40


def test_a_killed_workers_delivery_is_taken_over(service: House) -> None:
    """Killed while the receiver thinks: after the lease another one sends it under its old key."""
    arrived, gone = Event(), Event()

    def slow(request: Received) -> Iterator[bytes]:
        arrived.set()
        gone.wait(30)
        yield from plain()(request)

    service.receiver.answer = slow
    with service.worker() as doomed:
        service.open(1)
        assert arrived.wait(30)
        doomed.kill()
        doomed.wait()
    assert service.states()["sending"] == 1
    gone.set()
    with service.worker():
        service.finished()

    (twice,) = (key for key, times in service.sent().items() if times == 2)
    assert service.receiver.ids()[-1] == twice


@pytest.mark.long
@pytest.mark.parametrize("point", ["before_deliver", "after_deliver", "after_settle"])
def test_a_worker_may_die_at_any_point_of_a_delivery(service: House, point: str) -> None:
    """Another one brings it to its end: what may have arrived comes once more, under its key."""
    service.receiver.answer = plain()
    before = service.sent()
    with service.worker(HANDOFF_KILLPOINT=f"{point}:2", HANDOFF_THREADS="1") as doomed:
        service.open(3)
        died = doomed.wait(60)
    with service.worker():
        service.finished()

    assert died == -signal.SIGKILL
    times = sorted((service.sent() - before).values())
    assert times == ([1, 1, 2] if point == "after_deliver" else [1, 1, 1])


@pytest.mark.long
def test_what_an_emptied_redis_lost_is_found_in_the_table(service: House, redis: Server) -> None:
    """FLUSHALL again and again: the next look at the table finds what no hint told of."""
    service.receiver.answer = plain()
    with redis.client() as client, service.worker():
        until(lambda: client.exists("handoff:worker"))
        for _ in range(10):
            service.open(1)
            client.flushall()
        took = service.finished()

    assert took < 10  # five seconds, and what a busy machine adds


@pytest.mark.long
def test_a_worker_that_is_told_to_stop_finishes_what_it_sends(service: House) -> None:
    """It claims nothing more, and leaves what it had not begun for others, without a lease."""
    arrived = Event()

    def slow(request: Received) -> Iterator[bytes]:
        arrived.set()
        time.sleep(1)
        yield from plain()(request)

    service.receiver.answer = slow
    before = service.sent()
    with service.worker(HANDOFF_THREADS="1") as worker:
        service.open(3)
        assert arrived.wait(30)
        worker.send_signal(signal.SIGTERM)
        code = worker.wait(30)
    left = service.states()
    service.receiver.answer = plain()
    with service.worker():
        service.finished()

    assert code == 0
    assert (left["sending"], left["unknown"]) == (0, 0)
    assert left["pending"] >= 2
    assert sorted((service.sent() - before).values()) == [1, 1, 1]


@pytest.mark.long
def test_a_request_to_wait_is_kept_by_every_worker(service: House) -> None:
    """After a 429 nobody sends for as long as it says, whatever they had claimed before."""
    came: list[float] = []

    def busy_once(request: Received) -> Iterator[bytes]:
        came.append(time.monotonic())
        busy = plain("429 Too Many Requests", "Retry-After: 4")
        yield from (busy if len(came) == 1 else plain())(request)

    service.receiver.answer = busy_once
    service.open(20)
    with (
        service.worker(HANDOFF_THREADS="1") as first,
        service.worker(HANDOFF_THREADS="1") as second,
    ):
        service.finished()

    at_once = [at for at in came if at < came[0] + 3.9]
    assert len(at_once) <= 2  # the other worker's may have been on its way
    assert (first.returncode, second.returncode) == (0, 0)


@pytest.mark.long
@pytest.mark.parametrize("how", ["down", "hanging"])
def test_without_redis_turns_are_taken_and_workers_look_by_themselves(
    tmp_path: Path, how: str
) -> None:
    """Answers come in time, everything arrives, and the readiness says what is wrong."""
    with ExitStack() as doors:
        dead = f"redis://127.0.0.1:{free_port()}/0"
        url = doors.enter_context(hanging()) if how == "hanging" else dead
        service = doors.enter_context(house(tmp_path, url))
        doors.enter_context(service.worker())
        service.open(1)
        began = time.monotonic()
        service.open(10)
        took = time.monotonic() - began
        until(lambda: "degraded" in service.client.get("/readyz").json())
        told = service.client.get("/readyz")
        service.finished()

    assert took < 5
    assert told.status_code == 200
    assert "does not answer" in told.json()["degraded"]
    assert set(service.sent().values()) == {1}

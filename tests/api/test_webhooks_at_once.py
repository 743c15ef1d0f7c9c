"""Many requests about webhooks at once, past a receiver that is slow."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Event

import httpx
import pytest

from handoff.bootstrap import Service, Settings, build
from handoff.services.outside import OF_ONE
from tests import fakes
from tests.api.conftest import NewKey
from tests.receiver import Received, Receiver, plain
from tests.serving import Served


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a running receiver."""
    with Receiver() as running:
        yield running


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Return a service that may call this machine, by the machine's own clock."""
    settings = Settings(data_dir=tmp_path, allow_loopback=True)
    made = build(settings, connectors={"desk": fakes.Recorder()})
    yield made
    made.stop()


@pytest.fixture
def where(client: httpx.Client, receiver: Receiver) -> str:
    """Return the path of a registered webhook."""
    made = client.post("/v1/webhooks", json={"url": receiver.url}).json()
    return f"/v1/webhooks/{made['webhook_id']}"


def test_slow_receivers_hold_up_nobody_else(
    served: Served, new_key: NewKey, receiver: Receiver, where: str
) -> None:
    """One tenant may wait for a few at once; one more is to come again, and others are served."""
    go, key = Event(), new_key()

    def slowly(got: Received) -> Iterator[bytes]:
        go.wait(10)
        return plain()(got)

    def test(_: int) -> int:
        with served.client(key) as one:
            return one.post(f"{where}/test").status_code

    receiver.answer = slowly
    with ThreadPoolExecutor(OF_ONE + 1) as pool:
        ended = [pool.submit(test, number) for number in range(OF_ONE + 1)]
        refused = next(as_completed(ended)).result()
        go.set()

    assert refused == 503
    assert sorted(one.result() for one in ended) == [200] * OF_ONE + [503]

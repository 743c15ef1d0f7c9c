"""Registering and rotating at once, again, past a slow receiver and while the database is away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from handoff.bootstrap import Service, Settings, build
from handoff.domain.errors import ConnectorError, Overloaded
from handoff.services.outside import OF_ONE
from tests import fakes
from tests.api.conftest import NewKey
from tests.receiver import Received, Receiver, plain
from tests.serving import Served

KEY = {"Idempotency-Key": "k1"}


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


def test_rotations_at_once_are_each_told_their_own_secret(
    served: Served, new_key: NewKey, where: str
) -> None:
    """What was made by then is told, though another is the present one already."""
    key = new_key()

    def rotate(_: int) -> Any:
        with served.client(key) as one:
            return one.post(f"{where}/rotate").json()["secret"]

    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(rotate, range(8)))

    assert (len(secrets), None in secrets) == (8, False)


def test_a_repeat_is_answered_though_the_name_leads_nowhere_by_now(
    client: httpx.Client, service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was judged when it was new; a new one is refused."""
    body = {"url": receiver.url}
    first = client.post("/v1/webhooks", json=body, headers=KEY)

    def refuse(_url: str) -> None:
        raise ConnectorError("does not resolve")

    monkeypatch.setattr(service.deps.webhooks, "judge", refuse)
    again = client.post("/v1/webhooks", json=body, headers=KEY)
    another = client.post("/v1/webhooks", json=body)

    assert (again.status_code, again.json()) == (201, first.json())
    assert another.status_code == 422


def test_what_is_done_is_answered_though_it_cannot_be_read_just_then(
    client: httpx.Client, service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on disk: the next look takes it over, and a repeat would register a second one."""

    def away() -> None:
        raise Overloaded("the database is away")

    monkeypatch.setattr(service.deps.webhooks, "refresh", away)

    answer = client.post("/v1/webhooks", json={"url": receiver.url})
    assert (answer.status_code, answer.json()["secret"][:6]) == (201, "whsec_")


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

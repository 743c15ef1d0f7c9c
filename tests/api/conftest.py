"""The whole application over a real database, put together by bootstrap."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.access import issue_key
from tests import fakes
from tests.receiver import Receiver
from tests.serving import Served

OTHER = "other"
NewKey = Callable[..., str]


@pytest.fixture
def clock() -> fakes.Clock:
    """Return a clock that stands still."""
    return fakes.Clock()


@pytest.fixture
def recorder() -> fakes.Recorder:
    """Return a connector that keeps what it was given."""
    return fakes.Recorder()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a running receiver."""
    with Receiver() as running:
        yield running


@pytest.fixture
def service(tmp_path: Path, clock: fakes.Clock, recorder: fakes.Recorder) -> Iterator[Service]:
    """Return a service with a desk and a recorder; `served` runs it."""
    connectors = {"desk": fakes.Recorder(), "recorder": recorder}
    made = build(Settings(data_dir=tmp_path), clock=clock, connectors=connectors)
    yield made
    made.stop()


@pytest.fixture
def served(service: Service) -> Iterator[Served]:
    """Return the running application."""
    with Served(service.app) as running:
        yield running


@pytest.fixture
def new_key(service: Service) -> NewKey:
    """Return a maker of API keys."""

    def make(*scopes: Scope, name: str = "ann", tenant: str = TENANT) -> str:
        deps = service.deps
        text, _ = deps.store.write(
            tenant,
            lambda tx: issue_key(tx, name, scopes or [*Scope], by=SYSTEM, at=deps.clock()),
        )
        return text

    return make


@pytest.fixture
def client(served: Served, new_key: NewKey) -> Iterator[httpx.Client]:
    """Return a client whose key may do everything."""
    with served.client(new_key()) as made:
        yield made


def say(client: httpx.Client, text: str, named: str = "c1", **fields: Any) -> httpx.Response:
    """Post one customer turn."""
    body = {"turn_id": text, "role": "customer", "text": text, **fields}
    return client.post(f"/v1/conversations/{named}/turns", json=body)


def escalated(client: httpx.Client, named: str = "c1", **fields: Any) -> str:
    """Open an escalation by asking for a person; return its id."""
    answer = say(client, "I want to talk to a human", named, **fields).json()
    return str(answer["escalation"]["escalation_id"])

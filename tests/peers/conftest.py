"""A service of ours as a process of its own, with the connectors that a test names."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.benchmarks.servers import environment, free_port, new_key, running, start
from tests.faults.workers import until as within

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
POLICY = """\
schema: handoff-policy/1
name: peers
rules:
  - {id: asks, when: signals.human_request >= 0.9, then: escalate}
routing:
  default_queue: general
  queues:
    general: {connectors: [desk, CONNECTOR]}
"""


until = partial(within, seconds=120.0)
"""Returns once something has come true: RT takes seconds for a call, and machines are busy."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here: `make peers` runs it, `make test` does not."""
    for item in items:
        if "peers" in item.path.parts:
            item.add_marker(pytest.mark.peers)
            item.add_marker(pytest.mark.timeout(600))


@dataclass
class House:
    """A service that can be started, ended by a named point, and asked."""

    env: dict[str, str]
    connector: str
    key: str

    @property
    def address(self) -> str:
        """Return where it is."""
        return self.env["HANDOFF_BASE_URL"]

    @property
    def callbacks(self) -> str:
        """Return where the connector's other side calls back."""
        return f"{self.address}/v1/callbacks/{self.connector}/ep_peers"

    @contextlib.contextmanager
    def running(self) -> Iterator[httpx.Client]:
        """Run it meanwhile; yield a client of a person."""
        headers = {"Authorization": f"Bearer {self.key}"}
        with (
            running(self.env),
            httpx.Client(base_url=self.address, headers=headers, timeout=60) as client,
        ):
            yield client

    def dies(self, point: str, conversation: str) -> int:
        """Open an escalation in a service that dies at a point; return its exit code."""
        process = start({**self.env, "HANDOFF_KILLPOINT": point})
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx.Client(base_url=self.address, headers=headers) as client:
            opened(client, conversation)
        return process.wait(60)


def opened(client: httpx.Client, conversation: str) -> str:
    """Let a customer ask for a person; return the escalation's id."""
    body = {"turn_id": "1", "role": "customer", "text": "I want to talk to a human <b>now</b>"}
    answer = client.post(f"/v1/conversations/{conversation}/turns", json=body)
    return str(answer.raise_for_status().json()["escalation"]["escalation_id"])


def read(client: httpx.Client, escalation_id: str) -> dict[str, Any]:
    """Return an escalation as the API shows it."""
    told: dict[str, Any] = client.get(f"/v1/escalations/{escalation_id}").raise_for_status().json()
    return told


def act(client: httpx.Client, escalation_id: str, move: str, **body: object) -> None:
    """Make a move."""
    client.post(f"/v1/escalations/{escalation_id}/{move}", json=body).raise_for_status()


def delivered(client: httpx.Client, connector: str, escalation_id: str) -> list[tuple[str, str]]:
    """Return event and state of an escalation's deliveries to a connector, the oldest first."""
    found = client.get("/v1/deliveries", params={"connector": connector, "limit": 100}).json()
    (listed,) = (value for value in found.values() if isinstance(value, list))
    mine = [one for one in listed if one["escalation_id"] == escalation_id]
    return [(one["event"], one["state"]) for one in reversed(mine)]


@pytest.fixture
def house(tmp_path: Path) -> Callable[..., House]:
    """Return what sets up a service with one connector."""

    def made(connector: str, settings: dict[str, object], port: int | None = None) -> House:
        file = tmp_path / "connectors.yaml"
        told = {connector: {"endpoint": "ep_peers", "settings": settings}}
        file.write_text(yaml.safe_dump({"connectors": json.loads(json.dumps(told))}))
        policy = tmp_path / "policy.yaml"
        policy.write_text(POLICY.replace("CONNECTOR", connector))
        env = environment(
            tmp_path / "data",
            port or free_port(),
            HANDOFF_CONNECTORS_FILE=str(file),
            HANDOFF_POLICY_FILE=str(policy),
            HANDOFF_ALLOW_LOOPBACK="true",
            HANDOFF_DELIVERY_LEASE_S="3",
        )
        return House(env, connector, new_key(env, "runtime", "agent", "supervisor", "admin"))

    return made

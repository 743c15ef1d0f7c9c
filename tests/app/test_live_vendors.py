"""The whole way of a telephone call: moved by Telnyx, and what its legs report."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.access import issue_key
from tests.api.conftest import escalated
from tests.app.test_vendors import called, until
from tests.receiver import Receiver
from tests.serving import Served
from tests.vendors import telnyx


@pytest.fixture
def account() -> telnyx.Telnyx:
    """Return an account of Telnyx."""
    return telnyx.Telnyx()


@pytest.fixture
def service(tmp_path: Path, account: telnyx.Telnyx) -> Iterator[Service]:
    """Return a service that moves calls."""
    with Receiver(answer=account) as calls:
        told = {**telnyx.SETTINGS, "url": f"http://127.0.0.1:{calls.port}"}
        named = {"telnyx": {"endpoint": "telnyx-1", "settings": told}}
        path = tmp_path / "connectors.yaml"
        path.write_text(json.dumps({"connectors": named}), encoding="utf-8")
        made = build(Settings(data_dir=tmp_path, allow_loopback=True, connectors_file=path))
        yield made
        made.stop()


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    """Return a client with every scope, of the running service."""
    key, _ = service.deps.store.write(
        TENANT, lambda tx: issue_key(tx, "ann", [*Scope], by=SYSTEM, at=service.deps.clock())
    )
    with Served(service.app) as served, served.client(key) as client:
        yield client


def test_a_call_is_moved_and_how_it_went_is_kept_by_its_type(
    client: httpx.Client, account: telnyx.Telnyx
) -> None:
    """Confirmed is not connected: nobody answers the first time, somebody does the second."""
    ids = {"telnyx_call_control_id": telnyx.CALL}
    about = {"channel": "voice", "attributes": {"external": ids}}
    escalation_id = escalated(client, conversation=about)
    until(lambda: account.done("transfer"))
    ((leg, moved),) = account.done("transfer")

    def heard(kind: str, **more: str) -> dict[str, object]:
        body = telnyx.event(kind, str(moved["target_leg_client_state"]), **more)
        event = body.replace(b"0ccc7b54", f"{len(seen):08d}".encode())
        answer = called(client, "telnyx/telnyx-1", telnyx.signed(event, datetime.now(UTC)))
        assert answer.status_code == 200, answer.text
        seen.append(client.get(f"/v1/escalations/{escalation_id}").json())
        return seen[-1]

    seen: list[dict[str, object]] = []
    states = [
        heard(kind, **more)["state"]
        for kind, more in (
            ("call.answered", {}),
            ("call.machine.premium.detection.ended", {"result": "machine"}),
            ("call.hangup", {"hangup_cause": "normal_clearing"}),
            ("call.bridged", {}),
        )
    ]

    assert leg == telnyx.CALL
    assert states == ["connecting", "queued", "queued", "active"]
    attempts = seen[-1]["attempts"]
    assert isinstance(attempts, list)
    assert [each["result"] for each in attempts] == ["voicemail", "connected"]

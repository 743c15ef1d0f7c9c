"""The whole way to outside systems and back: opened here, taken in Slack, solved in Zendesk."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.audit import SYSTEM
from handoff.domain.connector import Callback
from handoff.domain.records import Scope
from handoff.services.access import issue_key
from tests.api.conftest import escalated
from tests.receiver import Receiver
from tests.serving import Served
from tests.vendors import slack, zendesk


def until(true: Callable[[], object]) -> None:
    """Wait until something comes true; fail after ten seconds."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def workspace() -> slack.Slack:
    """Return a workspace of Slack."""
    return slack.Slack()


@pytest.fixture
def account() -> zendesk.Zendesk:
    """Return an account of Zendesk."""
    return zendesk.Zendesk()


@pytest.fixture
def service(tmp_path: Path, workspace: slack.Slack, account: zendesk.Zendesk) -> Iterator[Service]:
    """Return a service that delivers to both, named in a file."""
    with Receiver(answer=workspace) as channel, Receiver(answer=account) as tickets:
        named = {
            "slack": {
                "endpoint": "slack-1",
                "settings": {**slack.SETTINGS, "url": f"http://127.0.0.1:{channel.port}/api"},
            },
            "zendesk": {
                "endpoint": "zendesk-1",
                "settings": {**zendesk.SETTINGS, "url": f"http://127.0.0.1:{tickets.port}"},
            },
        }
        path = tmp_path / "connectors.yaml"
        path.write_text(json.dumps({"connectors": named}), encoding="utf-8")
        settings = Settings(data_dir=tmp_path, allow_loopback=True, connectors_file=path)
        made = build(settings)
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


def called(client: httpx.Client, where: str, callback: Callback) -> httpx.Response:
    """Post a callback as the vendor does, without a key."""
    headers = {**callback.headers, "authorization": ""}
    return client.post(f"/v1/callbacks/{where}", content=callback.body, headers=headers)


def test_taken_in_slack_and_solved_in_zendesk(
    client: httpx.Client, workspace: slack.Slack, account: zendesk.Zendesk
) -> None:
    """One message and one ticket from the opening to the end, which both show."""
    escalation_id = escalated(client)
    until(lambda: workspace.messages and account.tickets)
    press = slack.pressed().replace(b"esc_1", escalation_id.encode())
    solved = zendesk.event("status_changed", {"current": "SOLVED", "previous": "OPEN"})

    now = datetime.now(UTC)
    taken = called(client, "slack/slack-1", slack.signed(press, now))
    until(lambda: "Hand back" in json.dumps(workspace.messages))
    owner = client.get(f"/v1/escalations/{escalation_id}").json()["owner"]
    body = solved.replace(b"esc_1", escalation_id.encode())
    ended = called(client, "zendesk/zendesk-1", zendesk.signed(body, now))
    until(lambda: "closed in" in json.dumps(workspace.messages))
    until(lambda: [ticket["status"] for ticket in account.tickets.values()] == ["solved"])

    assert (taken.status_code, ended.status_code) == (200, 200)
    assert owner == "u1@example.com"
    assert len([m for m in workspace.messages if "thread_ts" not in m]) == 1
    assert len(account.tickets) == 1

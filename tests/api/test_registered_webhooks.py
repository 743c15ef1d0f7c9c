"""Webhooks by the API: registered, heard, called back, rotated and let go, without a restart."""

import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook as Official

from handoff.bootstrap import Service, Settings, build
from handoff.domain.records import Scope
from tests import fakes
from tests.api.conftest import OTHER, NewKey, escalated
from tests.receiver import Received, Receiver
from tests.serving import Served

KEY = {"Idempotency-Key": "k1"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Return a service that may call this machine, by the machine's own clock."""
    settings = Settings(data_dir=tmp_path, allow_loopback=True)
    made = build(settings, connectors={"desk": fakes.Recorder()})
    yield made
    made.stop()


def register(client: httpx.Client, url: str, **more: Any) -> dict[str, Any]:
    """Register a webhook and return it with its secret."""
    answer = client.post("/v1/webhooks", json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def opened(receiver: Receiver, most: float = 10.0) -> list[Received]:
    """Return the openings that the receiver got, after one came or the time is over."""
    until = time.monotonic() + most
    while time.monotonic() < until:
        if got := [one for one in receiver.ledger if b'"escalation.opened"' in one.body]:
            return got
        time.sleep(0.02)
    return []


def call_back(client: httpx.Client, hook: dict[str, Any], secret: str, said: Any) -> httpx.Response:
    """Call the service back as a receiver would."""
    body, at = json.dumps(said), datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "webhook-id": f"msg_{at.timestamp()}",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Official(secret).sign(f"msg_{at.timestamp()}", at, body),
    }
    where = hook["callback_url"].partition("/v1/")[2]
    return client.post(f"/v1/{where}", content=body, headers=headers)


def test_it_hears_of_an_escalation_signed_by_the_secret_that_was_shown(
    client: httpx.Client, receiver: Receiver
) -> None:
    """The official library takes it with that secret; no restart in between."""
    made = register(client, receiver.url)

    escalation_id = escalated(client)

    (one,) = opened(receiver)
    told = Official(made["secret"]).verify(one.body, one.headers)
    assert told["data"]["escalation"]["escalation_id"] == escalation_id


def test_its_receiver_is_understood(client: httpx.Client, receiver: Receiver) -> None:
    """A note that it signed is kept; one signed by somebody else's secret is refused."""
    hook = register(client, receiver.url)
    stranger = register(client, receiver.url)["secret"]
    escalation_id = escalated(client)
    opened(receiver)
    said = {
        "type": "escalation.note",
        "data": {"escalation_id": escalation_id, "by": "crm", "text": "known here"},
    }

    answers = [call_back(client, hook, secret, said) for secret in (hook["secret"], stranger)]

    assert [one.status_code for one in answers] == [200, 401]
    assert answers[0].json() == {"accepted": 1}


def test_two_secrets_sign_while_one_takes_the_others_place(
    client: httpx.Client, receiver: Receiver
) -> None:
    """A receiver that knows the old one and one that knows the new one both take it."""
    made = register(client, receiver.url)
    rotated = client.post(f"/v1/webhooks/{made['webhook_id']}/rotate").json()

    client.post(f"/v1/webhooks/{made['webhook_id']}/test")

    (tried,) = receiver.ledger
    assert made["secret"] != rotated["secret"]
    for secret in (made["secret"], rotated["secret"]):
        assert Official(secret).verify(tried.body, tried.headers)["type"] == "webhook.test"
    assert rotated["old_secret_until"] > rotated["rotated_at"]


def test_a_secret_that_leaked_signs_no_more(client: httpx.Client, receiver: Receiver) -> None:
    """`keep_old_s` 0 ends it at once."""
    made = register(client, receiver.url)
    where = f"/v1/webhooks/{made['webhook_id']}"
    rotated = client.post(f"{where}/rotate", json={"keep_old_s": 0}).json()

    client.post(f"{where}/test")

    assert len(receiver.ledger[0].headers["webhook-signature"].split()) == 1
    assert rotated["old_secret_until"] is None


def test_a_repeat_shows_the_secret_again_but_not_once_it_was_rotated(
    client: httpx.Client, receiver: Receiver
) -> None:
    """The first answer may have been lost. One webhook is there."""
    body = {"url": receiver.url}
    first, again = (client.post("/v1/webhooks", json=body, headers=KEY) for _ in range(2))
    client.post(f"/v1/webhooks/{first.json()['webhook_id']}/rotate")
    late = client.post("/v1/webhooks", json=body, headers=KEY).json()

    assert again.json() == first.json()
    assert late == {**first.json(), "secret": None}
    assert len(client.get("/v1/webhooks").json()["items"]) == 1


def test_no_secret_is_in_the_database(
    client: httpx.Client, receiver: Receiver, tmp_path: Path
) -> None:
    """Nor in kept answers, the audit trail or a listing."""
    secret = register(client, receiver.url)["secret"].removeprefix("whsec_")
    client.post("/v1/webhooks", json={"url": receiver.url}, headers=KEY)

    with sqlite3.connect(tmp_path / "handoff.db") as database:
        everything = "\n".join(database.iterdump())
    shown = client.get("/v1/webhooks").text + client.get("/v1/audit").text
    assert (secret in everything, "secret" in everything) == (False, True)
    assert "whsec_" not in everything + shown


def test_its_address_is_no_other_connectors(client: httpx.Client, receiver: Receiver) -> None:
    """What all tenants share is called back at the addresses of the settings, as before."""
    hook = register(client, receiver.url)["webhook_id"]

    answers = [client.post(f"/v1/callbacks/{name}/{hook}") for name in ("desk", hook)]

    assert [one.status_code for one in answers] == [404, 401]


def test_it_can_be_changed_and_let_go(client: httpx.Client, receiver: Receiver) -> None:
    """What is absent stays; what is gone is gone, and each step is in the audit trail."""
    made = register(client, receiver.url, description="crm")
    where = f"/v1/webhooks/{made['webhook_id']}"

    changed = client.patch(where, json={"queues": ["general"], "description": "crm"}).json()
    gone = client.delete(where)
    left = [client.get(where), client.post(f"{where}/test"), client.delete(where)]

    assert (changed["description"], changed["queues"]) == ("crm", ["general"])
    assert gone.status_code == 200
    assert [one.status_code for one in left] == [404, 404, 404]
    items = client.get("/v1/audit").json()["items"]
    told = [one["action"] for one in items if one["subject"] == made["webhook_id"]]
    assert told == ["webhook_registered", "webhook_changed", "webhook_deleted"]
    details = {one["action"]: one["details"] for one in items}
    assert details["webhook_changed"]["changed"] == ["queues"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"url": "http://example.com/hook"}, "must start with https://"),
        ({"url": "https://10.0.0.7/hook"}, "not one that may be called"),
        ({"url": "https://169.254.169.254/latest"}, "not one that may be called"),
        ({"url": "https://ann:pw@example.com/"}, "user name or password"),
        ({"url": "https://nowhere.invalid/"}, "does not resolve"),
        ({"url": "https://☃.invalid/"}, "does not resolve"),
        ({"url": "nonsense"}, "url"),
        ({"url": "https://127.0.0.1/hook", "queues": ["nope"]}, "no queue nope; there are: "),
        ({"url": "https://127.0.0.1/hook", "secret": "whsec_mine"}, "secret"),
        ({}, "url"),
    ],
)
def test_what_cannot_work_is_refused_with_its_reason(
    client: httpx.Client, body: dict[str, Any], why: str
) -> None:
    """Before anything is stored."""
    answer = client.post("/v1/webhooks", json=body)

    assert (answer.status_code, client.get("/v1/webhooks").json()["items"]) == (422, [])
    assert why in answer.text


def test_a_tenant_has_a_bounded_number(
    client: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is told what to do."""
    monkeypatch.setattr("handoff.services.webhooks.MOST", 1)
    register(client, receiver.url)

    answer = client.post("/v1/webhooks", json={"url": receiver.url})

    assert (answer.status_code, "delete one first" in answer.text) == (409, True)


def test_another_tenants_is_neither_seen_nor_told(
    client: httpx.Client, served: Served, new_key: NewKey, receiver: Receiver
) -> None:
    """404 for each way to touch it, and no delivery."""
    with served.client(new_key(tenant=OTHER)) as stranger:
        hook = register(stranger, receiver.url)
    where = f"/v1/webhooks/{hook['webhook_id']}"

    escalation_id = escalated(client)
    answers = [
        client.get(where),
        client.patch(where, json={"queues": []}),
        client.post(f"{where}/rotate"),
        client.post(f"{where}/test"),
        client.delete(where),
    ]

    items = client.get("/v1/deliveries").json()["items"]
    assert {one.status_code for one in answers} == {404}
    assert client.get("/v1/webhooks").json()["items"] == []
    assert [one["connector"] for one in items if one["escalation_id"] == escalation_id] == ["desk"]


def test_only_an_admin_may(served: Served, new_key: NewKey, receiver: Receiver) -> None:
    """A webhook gets every card: neither a bot nor an agent nor a supervisor may register one."""
    some = (Scope.RUNTIME, Scope.AGENT, Scope.SUPERVISOR)
    with served.client(new_key(*some)) as client:
        answers = [
            client.post("/v1/webhooks", json={"url": receiver.url}),
            client.get("/v1/webhooks"),
        ]

    assert [one.status_code for one in answers] == [403, 403]

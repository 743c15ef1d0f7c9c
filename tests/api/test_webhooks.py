"""Trying a webhook out: a signed test goes out, and its end is told and kept."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook as Official

from connectors.webhook import Webhook
from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.errors import NotFound
from handoff.outbound import GuardedClient
from handoff.services.try_out import try_out
from tests import fakes
from tests.api.conftest import OTHER
from tests.receiver import Receiver, plain

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = {"Idempotency-Key": "k1"}


@pytest.fixture
def service(tmp_path: Path, receiver: Receiver) -> Iterator[Service]:
    """Return a service with a webhook and a desk, by the machine's own clock."""
    with closing(GuardedClient(allow_loopback=True)) as outbound:
        config = Webhook.Config.model_validate({"url": receiver.url, "secret": SECRET})
        connectors = {"desk": fakes.Recorder(), "webhook": Webhook(config, outbound)}
        made = build(Settings(data_dir=tmp_path), connectors=connectors)
        yield made
        made.stop()


def entries(client: httpx.Client) -> list[dict[str, Any]]:
    """Return the audit entries about tests."""
    items = client.get("/v1/audit").json()["items"]
    return [entry for entry in items if entry["action"] == "webhook_tested"]


def test_a_test_is_signed_and_marked(client: httpx.Client, receiver: Receiver) -> None:
    """The official library takes it; it is about no escalation."""
    answer = client.post("/v1/webhooks/webhook/test")

    (sent,) = receiver.ledger
    told = Official(SECRET).verify(sent.body, sent.headers)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "confirmed")
    assert (told["type"], told["data"]) == ("webhook.test", {"test": True})
    assert answer.json()["message_id"] == sent.headers["webhook-id"]


def test_a_refusal_is_told_and_is_in_the_audit_trail(
    client: httpx.Client, receiver: Receiver
) -> None:
    """The status that came back, who asked, and never the secret."""
    receiver.answer = plain("410 Gone")

    told = client.post("/v1/webhooks/webhook/test").json()

    (entry,) = entries(client)
    assert (told["outcome"], told["error"]) == ("refused", "the receiver answered 410")
    assert (entry["subject"], entry["details"]["outcome"]) == ("webhook", "refused")
    assert SECRET not in str(entry) + str(told)


def test_a_repeat_goes_out_under_the_same_id(client: httpx.Client, receiver: Receiver) -> None:
    """And has the first one's answer, and one entry."""
    first = client.post("/v1/webhooks/webhook/test", headers=KEY)
    receiver.answer = plain("500 Oh")
    again = client.post("/v1/webhooks/webhook/test", headers=KEY)

    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert len({sent.headers["webhook-id"] for sent in receiver.ledger}) == 1
    assert len(entries(client)) == 1


def test_what_is_no_webhook_is_not_there(client: httpx.Client, receiver: Receiver) -> None:
    """404 for a connector that cannot send tests as for one that does not exist."""
    answers = [client.post(f"/v1/webhooks/{name}/test") for name in ("desk", "nothing")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert (receiver.ledger, entries(client)) == ([], [])


def test_another_tenants_webhook_is_not_there(service: Service, receiver: Receiver) -> None:
    """As where there is none, and nothing goes out."""
    deps = replace(service.deps, belongs={"webhook": OTHER})

    with pytest.raises(NotFound):
        try_out(deps, TENANT, "webhook", "msg_1")

    assert receiver.ledger == []
    assert try_out(deps, OTHER, "webhook", "msg_1")["outcome"] == "confirmed"

"""Callbacks of outside systems: verified, done once, and never a failure of ours."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook as Signer

from handoff.bootstrap import Service, Settings, build
from tests import fakes
from tests.api.conftest import escalated
from tests.serving import Served

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
PATH = "/v1/callbacks/webhook/default"


@pytest.fixture
def service(tmp_path: Path, clock: fakes.Clock) -> Iterator[Service]:
    """Return a service whose webhook leads nowhere."""
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "webhook_url": "https://receiver.invalid/hook",
            "webhook_secret": SECRET,
        }
    )
    made = build(settings, clock=clock)
    yield made
    made.stop()


def called(
    client: httpx.Client, at: datetime, kind: str, event_id: str = "evt_1", **data: object
) -> httpx.Response:
    """Post a callback as the webhook's receiver signs it."""
    body = json.dumps({"type": f"escalation.{kind}", "data": {"by": "bob", **data}})
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signer(SECRET).sign(event_id, at, body),
    }
    return client.post(PATH, content=body, headers=headers)


@pytest.fixture
def stranger(served: Served) -> Iterator[httpx.Client]:
    """Return a client without a key: a callback is known by its signature."""
    with served.client() as made:
        yield made


def test_a_signed_callback_is_done(
    client: httpx.Client, stranger: httpx.Client, clock: fakes.Clock
) -> None:
    """Claimed, noted and disposed of from outside, under the name it gives."""
    escalation_id = escalated(client)

    answers = [
        called(stranger, clock.at, "claim", "e1", escalation_id=escalation_id),
        called(stranger, clock.at, "note", "e2", escalation_id=escalation_id, text="on it"),
        called(stranger, clock.at, "dispose", "e3", escalation_id=escalation_id),
    ]

    assert [answer.json() for answer in answers] == [{"accepted": 1}] * 3
    after = client.get(f"/v1/escalations/{escalation_id}").json()
    assert (after["owner"], after["outcome"]) == ("bob", "resolved")


def test_a_repeated_callback_does_nothing_again(
    client: httpx.Client, stranger: httpx.Client, clock: fakes.Clock
) -> None:
    """The event's id is remembered with its effect."""
    escalation_id = escalated(client)
    for _ in range(2):
        last = called(stranger, clock.at, "claim", escalation_id=escalation_id)

    assert (last.status_code, last.json()) == (200, {"accepted": 0})
    assert client.get(f"/v1/escalations/{escalation_id}").json()["version"] == 3


def test_a_callback_that_fails_may_be_repeated(
    client: httpx.Client, stranger: httpx.Client, clock: fakes.Clock
) -> None:
    """An impossible move is a conflict, and its event is not remembered."""
    escalation_id = escalated(client)
    early = called(stranger, clock.at, "release", escalation_id=escalation_id)
    client.post(f"/v1/escalations/{escalation_id}/claim", json={})

    again = called(stranger, clock.at, "release", escalation_id=escalation_id)

    assert (early.status_code, again.json()) == (409, {"accepted": 1})


def test_a_callback_leaves_no_card_number_behind(
    client: httpx.Client, stranger: httpx.Client, clock: fakes.Clock
) -> None:
    """A name is masked; an event's id is refused, for it would be stored as it is."""
    escalation = escalated(client)
    card = "4111-1111-1111-1111"

    refused = called(stranger, clock.at, "claim", card, escalation_id=escalation)
    called(stranger, clock.at, "claim", "e1", escalation_id=escalation, by=f"bob {card}")

    assert refused.status_code == 422
    assert client.get(f"/v1/escalations/{escalation}").json()["owner"] == "bob [card ••1111]"


def test_a_brief_from_outside_is_bounded(
    client: httpx.Client, stranger: httpx.Client, clock: fakes.Clock
) -> None:
    """As it is for people with a key."""
    escalation = escalated(client)
    called(stranger, clock.at, "claim", "e1", escalation_id=escalation)
    brief = {f"step {n}": "x" * 1_000 for n in range(20)}

    answer = called(stranger, clock.at, "return", "e2", escalation_id=escalation, brief=brief)

    assert answer.status_code == 422
    assert "16384" in answer.json()["detail"]


FORGED = {
    "nothing": {},
    "no signature": {"webhook-id": "e", "webhook-timestamp": "1777896000"},
    "no number": {"webhook-id": "e", "webhook-timestamp": "abc", "webhook-signature": "v1,x"},
    "5,000 digits": {"webhook-id": "e", "webhook-timestamp": "1" * 5_000},
    "not ASCII": {
        "webhook-id": "e",
        "webhook-timestamp": "1777896000",
        "webhook-signature": b"v1,\xff\xfe",
    },
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("body", [b"{}", b"\xff", b""])
def test_a_forged_callback_is_turned_away(
    stranger: httpx.Client, headers: dict[str, str | bytes], body: bytes
) -> None:
    """401 for every way of not being signed; never a 5xx."""
    answer = stranger.post(PATH, content=body, headers=headers)

    assert answer.status_code == 401


def test_only_what_was_given_to_a_connector_can_be_named_by_it(
    client: httpx.Client, stranger: httpx.Client, clock: fakes.Clock, service: Service
) -> None:
    """An escalation that was never delivered there, and one that is not, are alike: 404."""
    unknown = called(stranger, clock.at, "claim", escalation_id="esc_0")

    assert unknown.status_code == 404


@pytest.mark.parametrize("path", ["/v1/callbacks/webhook/acme", "/v1/callbacks/slack/default"])
def test_an_endpoint_that_is_not_there_is_not_found(stranger: httpx.Client, path: str) -> None:
    """Neither an unknown endpoint nor an unknown connector is told from the other."""
    assert stranger.post(path, content=b"{}").status_code == 404


def test_a_connector_without_callbacks_says_so(stranger: httpx.Client) -> None:
    """The desk cannot be called back."""
    assert stranger.post("/v1/callbacks/desk/default", content=b"{}").status_code == 422

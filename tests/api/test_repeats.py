"""A repeated request has one effect; a version that is old is told."""

from hashlib import sha256

import httpx
import pytest

from handoff.bootstrap import Service
from handoff.domain.records import Scope
from tests import fakes
from tests.api.conftest import NewKey, escalated
from tests.serving import Served

KEY = {"Idempotency-Key": "k1"}
OPENING = {"conversation_id": "c5", "context_summary": "wants a person"}


def openings(client: httpx.Client) -> list[str]:
    """Return the audit trail's words for openings."""
    actions = [entry["action"] for entry in client.get("/v1/audit").json()["items"]]
    return [action for action in actions if action in ("opened", "evidence_added")]


def test_a_repeat_gets_the_first_answer(client: httpx.Client, clock: fakes.Clock) -> None:
    """Same key, same body: the same bytes, marked as a replay, and nothing happens again."""
    first = client.post("/v1/escalations", json=OPENING, headers=KEY)
    clock.forward(3_600)

    again = client.post("/v1/escalations", json=OPENING, headers={"Idempotency-Key": '"k1"'})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert openings(client) == ["opened"]


def test_a_key_is_not_stored_as_it_came(client: httpx.Client, service: Service) -> None:
    """It may be anything, a card number too: the database has a keyed hash, nothing to guess by."""
    key = "4111111111111111"
    client.post("/v1/escalations", json=OPENING, headers={"Idempotency-Key": key})
    folder = service.settings.data_dir
    service.stop()

    kept = b"".join(path.read_bytes() for path in folder.glob("handoff.db*"))

    assert sha256(key.encode()).hexdigest().encode() not in kept
    assert key.encode() not in kept


def test_the_order_and_spacing_of_a_body_do_not_count(client: httpx.Client) -> None:
    """The comparison is of what was said, not of its bytes."""
    client.post("/v1/escalations", json=OPENING, headers=KEY)
    raw = b'{ "context_summary":"wants a person" ,\n"conversation_id":"c5"}'

    again = client.post(
        "/v1/escalations", content=raw, headers={**KEY, "Content-Type": "application/json"}
    )

    assert again.headers["idempotent-replayed"] == "true"


def test_a_key_used_for_another_request_is_refused(client: httpx.Client) -> None:
    """422, for another body as for another escalation under the same route."""
    client.post("/v1/escalations", json=OPENING, headers=KEY)

    refused = client.post("/v1/escalations", json={"conversation_id": "c6"}, headers=KEY)

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_its_caller_and_route(
    client: httpx.Client, served: Served, new_key: NewKey
) -> None:
    """Another API key, or another route, may use the same Idempotency-Key for itself."""
    escalation = escalated(client)
    client.post(f"/v1/escalations/{escalation}/claim", json={}, headers=KEY)

    released = client.post(f"/v1/escalations/{escalation}/release", json={}, headers=KEY)
    with served.client(new_key(Scope.AGENT, name="bob")) as bob:
        claimed = bob.post(f"/v1/escalations/{escalation}/claim", json={}, headers=KEY)

    assert released.json()["state"] == "queued"
    assert claimed.json()["owner"] == "bob"


def test_a_refused_request_may_be_corrected_under_its_key(client: httpx.Client) -> None:
    """What had no effect is not remembered."""
    refused = client.post("/v1/escalations", json={"conversation_id": ""}, headers=KEY)

    corrected = client.post("/v1/escalations", json=OPENING, headers=KEY)

    assert (refused.status_code, corrected.status_code) == (422, 201)


def test_a_repeated_message_is_said_once(client: httpx.Client) -> None:
    """The customer hears a human's words once, however often they are sent."""
    messages = f"/v1/escalations/{escalated(client)}/messages"

    for _ in range(3):
        client.post(messages, json={"text": "Hello"}, headers=KEY)

    said = client.get("/v1/conversations/c1/turns", params={"after": 0}).json()["items"]
    assert [turn["text"] for turn in said] == ["Hello"]


def test_an_old_version_is_refused(client: httpx.Client) -> None:
    """In the body it is a conflict, in If-Match a failed precondition; the move is not made."""
    escalation = f"/v1/escalations/{escalated(client)}"
    tag = client.get(escalation).headers["etag"]
    client.post(f"{escalation}/claim", json={}, headers={"If-Match": tag})

    late = client.post(f"{escalation}/release", json={}, headers={"If-Match": tag})
    told = client.post(f"{escalation}/release", json={"version": 1})

    assert (late.status_code, told.status_code) == (412, 409)
    assert {answer.json()["code"] for answer in (late, told)} == {"stale_version"}
    assert client.get(escalation).json()["state"] == "active"


@pytest.mark.parametrize("tag", ["*", 'W/"1"', "1", '"1"'])
def test_a_version_may_be_written_as_any_entity_tag(client: httpx.Client, tag: str) -> None:
    """Weak, bare and quoted tags mean the version; `*` means any."""
    escalation = f"/v1/escalations/{escalated(client)}"

    claimed = client.post(f"{escalation}/claim", json={}, headers={"If-Match": tag})

    assert claimed.json()["state"] == "active"


def test_two_who_claim_at_once_do_not_both_get_it(
    client: httpx.Client, served: Served, new_key: NewKey
) -> None:
    """One owner; the other is told that it cannot be claimed any more."""
    claim = f"/v1/escalations/{escalated(client)}/claim"
    with served.client(new_key(Scope.AGENT, name="bob")) as bob:
        answers = [each.post(claim, json={}).status_code for each in (client, bob)]

    assert answers == [200, 409]

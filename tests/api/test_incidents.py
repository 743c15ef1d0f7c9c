"""Incidents over the API: who sees them, and what a runtime is told."""

import httpx
import pytest

from handoff.bootstrap import Service
from handoff.domain.records import Scope
from tests import fakes
from tests.api.conftest import OTHER, NewKey
from tests.serving import Served


def fail(client: httpx.Client, number: int, channel: str = "chat") -> dict[str, object]:
    """Let a tool fail three times in a conversation of its own; return the last answer."""
    path = f"/v1/conversations/storm-{number}/turns"
    for turn in range(3):
        body = {
            "turn_id": f"t{turn}",
            "role": "tool",
            "tool_call": {"name": "get_order", "ok": False},
            "conversation": {"channel": channel},
        }
        answer = client.post(path, json=body)
        assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


@pytest.fixture
def storm(client: httpx.Client) -> list[dict[str, object]]:
    """Return the answers of twelve conversations in which one tool fails."""
    return [fail(client, number) for number in range(12)]


def test_the_runtime_is_told_what_to_say(
    client: httpx.Client, storm: list[dict[str, object]]
) -> None:
    """Words for the customer, a contact time, and the incident; also on the escalation itself."""
    first, last = storm[0], storm[-1]
    escalation = last["escalation"]
    assert isinstance(escalation, dict)

    read = client.get(f"/v1/escalations/{escalation['escalation_id']}").json()

    assert first["say"] is None
    assert "technical problem" in str(last["say"])
    assert escalation["state"] == "deferred"
    assert escalation["contact_at"] > escalation["due_at"]
    assert (read["incident"], read["cause"]) == (escalation["incident"], "tool:get_order")
    assert read["say"] == last["say"]


def test_incidents_are_listed_with_where_theirs_are(
    client: httpx.Client, storm: list[dict[str, object]]
) -> None:
    """And their escalations are listed by the incident."""
    (incident,) = client.get("/v1/incidents?open=true").json()["items"]
    mine = client.get(f"/v1/escalations?incident={incident['incident_id']}&limit=99").json()

    assert incident["title"] == "get_order fails"
    assert (incident["open"], incident["escalations"], incident["held"]) == (True, 12, 3)
    assert (incident["now"]["waiting"], incident["now"]["deferred"]) == (9, 3)
    assert len(mine["items"]) == 12
    assert client.get("/v1/incidents?limit=1").json()["items"] == [incident]


@pytest.mark.parametrize("query", ["open=maybe", "limit=0", "cursor=x", "state=open"])
def test_a_wrong_question_is_said(client: httpx.Client, query: str) -> None:
    """422 or 400, never a guess."""
    assert client.get(f"/v1/incidents?{query}").status_code in (400, 422)


def test_another_tenant_sees_nothing_of_it(
    served: Served, new_key: NewKey, client: httpx.Client, storm: list[dict[str, object]]
) -> None:
    """Neither the incident nor its escalations, and its own storm is its own."""
    incident = client.get("/v1/incidents").json()["items"][0]["incident_id"]
    with served.client(new_key(tenant=OTHER)) as stranger:
        assert stranger.get("/v1/incidents").json() == {"items": [], "cursor": None}
        assert stranger.get(f"/v1/escalations?incident={incident}").json()["items"] == []
        assert fail(stranger, 1)["say"] is None


def test_only_people_ask_for_incidents(served: Served, new_key: NewKey) -> None:
    """A runtime is told what it needs in its answers."""
    with served.client(new_key(Scope.RUNTIME)) as bot, served.client(new_key(Scope.AGENT)) as ann:
        assert bot.get("/v1/incidents").status_code == 403
        assert ann.get("/v1/incidents").status_code == 200
    with served.client() as nobody:
        assert nobody.get("/v1/incidents").status_code == 401


def test_a_held_caller_is_not_put_through(client: httpx.Client, service: Service) -> None:
    """Asking outright is held too where the reason is one that many have."""
    body = {"reason_code": "complex_billing_dispute", "conversation": {"channel": "voice"}}
    answers = [
        client.post("/v1/escalations", json={"conversation_id": f"v{n}", **body}).json()
        for n in range(11)
    ]

    assert answers[0]["say"] is None
    assert "need our help" in answers[-1]["say"]
    assert (answers[-1]["escalation"]["state"], answers[-1]["connect"]) == ("deferred", None)


def test_open_incidents_are_a_figure(
    client: httpx.Client, storm: list[dict[str, object]], clock: fakes.Clock
) -> None:
    """For the alarm of whoever runs the service."""
    assert "handoff_incidents 1.0" in client.get("/metrics").text

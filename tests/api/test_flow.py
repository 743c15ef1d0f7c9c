"""The main job over HTTP: from the first turn to a closed escalation."""

import time
from pathlib import Path

import httpx
import pytest

from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.access import issue_key
from tests.api.conftest import escalated, say
from tests.serving import Served

SPOKEN = "Hello, Ann here."


def test_a_turn_is_answered_with_a_decision(client: httpx.Client) -> None:
    """An ordinary turn lets the bot go on, with the floor and its epoch."""
    answer = say(client, "Where is my order?")

    assert answer.status_code == 200
    assert answer.json()["action"] == "continue"
    assert answer.json()["control"] == {"holder": "bot", "name": None, "epoch": 1}


def test_a_customer_who_asks_for_a_person_gets_one(client: httpx.Client) -> None:
    """Escalated, claimed, spoken to, noted, disposed of: each step is answered as it stands."""
    escalation = f"/v1/escalations/{escalated(client)}"

    claimed = client.post(f"{escalation}/claim", json={})
    noted = client.post(f"{escalation}/note", json={"text": "wants a refund"})
    told = client.post(f"{escalation}/messages", json={"text": SPOKEN})
    disposed = client.post(f"{escalation}/dispose", json={"outcome": "resolved"})

    assert (claimed.json()["state"], claimed.json()["owner"]) == ("active", "ann")
    assert noted.json()["version"] == claimed.json()["version"]
    assert told.status_code == 200
    assert (disposed.json()["state"], disposed.json()["outcome"]) == ("closed", "resolved")


def test_a_message_is_a_turn_and_takes_the_floor(client: httpx.Client) -> None:
    """The words are stored as a human's turn, and the bot loses the floor to who spoke."""
    escalation_id = escalated(client)

    client.post(f"/v1/escalations/{escalation_id}/messages", json={"text": SPOKEN})

    last = client.get("/v1/conversations/c1/turns").json()["items"][-1]
    floor = client.get("/v1/conversations/c1/control").json()
    assert (last["role"], last["text"]) == ("human", SPOKEN)
    assert (floor["holder"], floor["name"]) == ("human", "ann")


def test_a_bot_with_an_old_epoch_must_stay_silent(client: httpx.Client) -> None:
    """After the handoff the bot's request to speak is refused, and its turn is not stored."""
    escalated(client)
    body = {"turn_id": "b1", "role": "bot", "text": "As I was saying", "epoch": 1}

    refused = client.post("/v1/conversations/c1/turns", json=body)

    assert (refused.status_code, refused.json()["code"]) == (409, "control_lost")
    assert len(client.get("/v1/conversations/c1/turns").json()["items"]) == 1


def test_a_message_to_nobody_is_refused(client: httpx.Client) -> None:
    """Once the escalation is closed there is nobody to hear a human's message."""
    escalation = f"/v1/escalations/{escalated(client)}"
    client.post(f"{escalation}/cancel", json={})

    refused = client.post(f"{escalation}/messages", json={"text": "still there?"})

    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    assert client.get("/v1/conversations/c1/control").json()["holder"] == "bot"


def test_a_return_brief_reaches_the_bot(client: httpx.Client) -> None:
    """What the human promised stands in the answer to the next turn."""
    escalation = f"/v1/escalations/{escalated(client)}"
    client.post(f"{escalation}/claim", json={})

    client.post(f"{escalation}/return", json={"brief": {"promised": "refund by Friday"}})

    assert say(client, "thanks").json()["return_brief"] == {"promised": "refund by Friday"}


def test_a_runtime_can_open_one_with_its_own_transcript(client: httpx.Client) -> None:
    """Transcript, state and summary inline: 201 with the card; asked again: 200 and the same."""
    turn = {"turn_id": "1", "role": "customer", "text": "My card 4111 1111 1111 1111 was stolen"}
    body = {
        "conversation_id": "c9",
        "transcript": [turn],
        "slots": {"country": "NL"},
        "conversation": {"channel": "chat", "job": "cards"},
        "reason_code": "fraud_or_security_concern",
        "context_summary": "stolen card",
    }

    opened = client.post("/v1/escalations", json=body)
    again = client.post("/v1/escalations", json=body)

    assert (opened.status_code, again.status_code) == (201, 200)
    assert opened.json()["card"]["reason"]["code"] == "fraud_or_security_concern"
    assert opened.json()["escalation"]["job"] == "cards"
    assert "4111" not in opened.text
    assert (
        again.json()["escalation"]["escalation_id"]
        == (opened.json()["escalation"]["escalation_id"])
    )


def test_a_tool_call_opens_one(client: httpx.Client) -> None:
    """The tools' calls map onto an opening; a queue that does not exist does no harm."""
    call = {"name": "transfer_to_human", "arguments": {"queue": "no such", "context_summary": "x"}}

    opened = client.post("/v1/escalations", json={"conversation_id": "c2", "tool": call})

    assert opened.status_code == 201
    assert opened.json()["escalation"]["queue"] == "general"


def test_an_ended_conversation_counts_as_contained(client: httpx.Client) -> None:
    """Ended without a human: the report says so."""
    say(client, "hello", "c3", conversation={"job": "greeting"})
    client.post("/v1/conversations/c3/end", json={"by": "customer"})

    rows = client.get("/v1/reports/transfers").json()["items"]

    assert [(row["job"], row["contained"]) for row in rows] == [("greeting", 1)]


def test_a_report_as_csv_cannot_hold_a_formula(client: httpx.Client) -> None:
    """A job that a spreadsheet would run is quoted."""
    say(client, "hello", "c3", conversation={"job": "=1+1"})

    text = client.get("/v1/reports/transfers", params={"format": "csv"}).text

    assert '"\'=1+1"' in text


def test_a_late_turn_is_taken_and_the_state_rebuilt(client: httpx.Client, service: Service) -> None:
    """A turn that comes out of order is stored, and the detector's state follows it."""
    say(client, "second", index=1)

    late = say(client, "first", index=0)

    assert late.status_code == 200
    for _ in range(500):
        time.sleep(0.01)
        head = service.deps.store.read("default", lambda tx: tx.conversations.head("c1"))
        if head is not None and not head.stale:
            return
    pytest.fail("the state is still stale")


def test_a_card_can_be_had_in_every_form(client: httpx.Client) -> None:
    """Each form has its media type, and an unknown one is refused with the known ones."""
    card = f"/v1/escalations/{escalated(client)}/card"

    forms = {form: client.get(card, params={"format": form}) for form in ("json", "html", "odt")}

    assert forms["json"].json()["schema"] == "handoff-card/1"
    assert forms["html"].headers["content-type"].startswith("text/html")
    assert forms["odt"].status_code == 422
    assert "markdown" in forms["odt"].json()["detail"]


POLICY = """\
schema: handoff-policy/1
name: voice
rules:
  - {id: asks, when: signals.human_request >= 0.9, then: escalate}
routing:
  queues:
    general:
      connect: {destination: "sip:desk@example.org", mode: consult, headers: {X-Line: "7"}}
"""


def test_voice_is_told_how_to_connect_and_reports_the_leg(tmp_path: Path) -> None:
    """Destination and mode are the queue's, a header leads to the card; then it is bridged."""
    policy = tmp_path / "voice.yaml"
    policy.write_text(POLICY)
    service = build(Settings(data_dir=tmp_path, policy_file=policy))
    deps = service.deps
    key, _ = deps.store.write(
        TENANT, lambda tx: issue_key(tx, "ivr", [*Scope], by=SYSTEM, at=deps.clock())
    )

    with Served(service.app) as served, served.client(key) as client:
        escalation_id = escalated(client, conversation={"channel": "voice"})
        path = f"/v1/escalations/{escalation_id}"
        claimed = client.post(f"{path}/claim", json={}).json()
        bridged = client.post(f"{path}/legs", json={"leg_id": "l1", "state": "bridged"}).json()

    assert claimed["connect"] == {
        "destination": "sip:desk@example.org",
        "mode": "consult",
        "headers": {"X-Line": "7", "X-Handoff-Escalation": escalation_id},
        "caller_id": None,
        "timeout": 30,
        "on_failure": "queue",
    }
    assert (claimed["state"], bridged["state"]) == ("connecting", "active")


def test_without_settings_there_is_nothing_to_connect_to(client: httpx.Client) -> None:
    """Then the answer says null, on voice as on chat."""
    escalation = escalated(client, conversation={"channel": "voice"})

    claimed = client.post(f"/v1/escalations/{escalation}/claim", json={}).json()

    assert claimed["connect"] is None

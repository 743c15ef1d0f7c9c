"""Policies in the running service: added, put in force, gone back from, and tried out before."""

from typing import Any

import httpx
import pytest

from handoff.bootstrap import Service
from handoff.detection import Policy
from handoff.detection.policy import default_text
from handoff.domain.records import Scope
from tests.api.conftest import OTHER, NewKey, say
from tests.serving import Served

KEY = {"Idempotency-Key": "k1"}
WHY = {"why": "too many transfers"}
PIRATES = """\
schema: handoff-policy/1
name: pirates
score: {bias: -20}
rules:
  - {id: arrr, when: 'turn.text.contains("arrr")', then: escalate}
"""
SHADOW = """\
schema: handoff-policy/1
name: quiet
rules:
  - {id: hm, when: 'turn.text.contains("hm")', then: escalate, mode: shadow}
"""


def added(client: httpx.Client, text: str = PIRATES) -> str:
    """Add a policy; return its version."""
    answer = client.post("/v1/policies", json={"text": text})
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["version"])


def put_in_force(client: httpx.Client, text: str = PIRATES) -> str:
    """Add a policy and put it in force; return its version."""
    version = added(client, text)
    answer = client.post(f"/v1/policies/{version}/activate", json=WHY)
    assert answer.status_code == 200, answer.text
    return version


def entries(client: httpx.Client) -> list[dict[str, Any]]:
    """Return the audit entries about policies."""
    items = client.get("/v1/audit").json()["items"]
    return [entry for entry in items if entry["action"].startswith("policy_")]


def test_a_policy_is_kept_as_it_was_written(client: httpx.Client) -> None:
    """201 with its version; comments stay; the same content again is the same version."""
    first = client.post("/v1/policies", json={"text": PIRATES})
    again = client.post("/v1/policies", json={"text": f"# the same\n{PIRATES}"})
    found = client.get(f"/v1/policies/{first.json()['version']}").json()

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["version"] == again.json()["version"] == Policy.load(PIRATES).version
    assert (found["name"], found["text"], found["added_by"]) == ("pirates", PIRATES, "ann")
    assert [entry["action"] for entry in entries(client)] == ["policy_added"]


def test_every_mistake_is_told_with_its_line(client: httpx.Client) -> None:
    """422, and nothing is kept."""
    text = PIRATES.replace("escalate", "escalat") + "signals: {bot_lop: {}}\n"

    answer = client.post("/v1/policies", json={"text": text})

    assert (answer.status_code, answer.json()["code"]) == (422, "policy_invalid")
    assert [cause["message"].partition(":")[0] for cause in answer.json()["errors"]] == ["5", "6"]
    assert client.get("/v1/policies").json()["items"] == []


def test_a_long_policy_is_taken_and_a_longer_one_refused(client: httpx.Client) -> None:
    """Learned weights take room: up to 500,000 characters, where other texts have 64,000."""
    long = f"{PIRATES}#{'x' * 300_000}\n"

    assert client.post("/v1/policies", json={"text": long}).status_code == 201
    assert client.post("/v1/policies", json={"text": long + "#" * 200_000}).status_code == 422
    assert client.post("/v1/policies", json={"x" * 70_000: ""}).status_code == 422


def test_a_policy_acts_as_soon_as_it_is_in_force(client: httpx.Client) -> None:
    """Without a restart, also in a conversation that began under another one."""
    before = say(client, "arrr matey").json()
    version = put_in_force(client)

    after = say(client, "arrr again").json()

    assert (before["action"], after["action"]) == ("continue", "escalate")
    assert after["policy"] == f"pirates@{version}"
    assert after["reasons"][0]["rule"] == "arrr"


def test_going_back_leads_to_what_was_before(client: httpx.Client) -> None:
    """Step by step down to what the settings name, and no further."""
    shipped = Policy.default().version
    first, second = put_in_force(client), put_in_force(client, SHADOW)

    answers = [client.post("/v1/policies/rollback", json=WHY) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert [answer.json()["version"] for answer in answers[:2]] == [first, shipped]
    assert say(client, "arrr").json()["policy"] == Policy.default().label
    history = client.get("/v1/policies").json()["history"]
    assert [one["version"] for one in history] == [shipped, first, second, first, shipped]
    assert [one["rollback"] for one in history] == [True, True, False, False, False]


def test_each_change_is_in_the_audit_trail(client: httpx.Client) -> None:
    """Who, why, and the versions before and after."""
    version, shipped = put_in_force(client), Policy.default().version
    client.post("/v1/policies/rollback", json=WHY)

    told = [(one["action"], one["before"], one["after"]) for one in entries(client)]

    assert told == [
        ("policy_added", None, version),
        ("policy_added", None, shipped),
        ("policy_activated", shipped, version),
        ("policy_rolled_back", version, shipped),
    ]
    assert {one["details"].get("why") for one in entries(client)[2:]} == {WHY["why"]}
    assert entries(client)[2]["actor"]["name"] == "ann"


def test_the_one_in_force_is_told_with_its_text(client: httpx.Client) -> None:
    """What the settings name until another one is activated."""
    before = client.get("/v1/policies/active").json()
    version = put_in_force(client)
    after = client.get("/v1/policies/active").json()

    assert (before["version"], before["source"]) == (Policy.default().version, "settings")
    assert before["text"] == default_text()
    assert (after["version"], after["source"], after["text"]) == (version, "activation", PIRATES)
    assert (after["by"], after["why"]) == ("ann", WHY["why"])
    assert [one["active"] for one in client.get("/v1/policies").json()["items"]].count(True) == 1


def test_what_is_in_force_already_is_a_conflict(client: httpx.Client) -> None:
    """A history of no changes would tell nothing."""
    version = put_in_force(client)

    again = client.post(f"/v1/policies/{version}/activate", json=WHY)

    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_a_repeat_has_one_effect(client: httpx.Client) -> None:
    """Adding, putting in force and going back take an Idempotency-Key."""
    added_twice = [client.post("/v1/policies", json={"text": PIRATES}, headers=KEY) for _ in "ab"]
    version = added_twice[0].json()["version"]
    paths = (f"/v1/policies/{version}/activate", "/v1/policies/rollback")

    for path in paths:
        answers = [client.post(path, json=WHY, headers=KEY) for _ in "ab"]
        assert answers[0].content == answers[1].content
        assert answers[1].headers["idempotent-replayed"] == "true"

    assert [answer.status_code for answer in added_twice] == [201, 201]
    assert len(client.get("/v1/policies").json()["history"]) == 3


def test_a_tenant_has_its_own_policies(
    client: httpx.Client, served: Served, new_key: NewKey
) -> None:
    """Another tenant neither sees nor uses them, and its conversations stay as they were."""
    version = put_in_force(client)
    with served.client(new_key(tenant=OTHER)) as other:
        answers = [
            other.get(f"/v1/policies/{version}"),
            other.post(f"/v1/policies/{version}/activate", json=WHY),
            other.post(f"/v1/policies/{version}/replay", json={}),
        ]
        turn = say(other, "arrr").json()

    assert {answer.status_code for answer in answers} == {404}
    assert (turn["action"], turn["policy"]) == ("continue", Policy.default().label)


def test_supervisors_read_and_only_admins_change(served: Served, new_key: NewKey) -> None:
    """Whoever counts may look and try out; what is in force is for admins."""
    with served.client(new_key(Scope.SUPERVISOR)) as client:
        seen = client.get("/v1/policies/active")
        tried = client.post(f"/v1/policies/{seen.json()['version']}/replay", json={})
        refused = [
            client.post("/v1/policies", json={"text": PIRATES}),
            client.post(f"/v1/policies/{seen.json()['version']}/activate", json=WHY),
            client.post("/v1/policies/rollback", json=WHY),
        ]

    assert (seen.status_code, tried.status_code) == (200, 200)
    assert {answer.status_code for answer in refused} == {403}


@pytest.mark.parametrize("body", [{}, {"why": ""}, {"why": "x" * 501}, {"why": "x", "who": "me"}])
def test_a_change_needs_a_reason(client: httpx.Client, body: dict[str, str]) -> None:
    """422 without one, and for anything else."""
    version = added(client)

    assert client.post(f"/v1/policies/{version}/activate", json=body).status_code == 422
    assert client.post("/v1/policies/rollback", json=body).status_code == 422


def test_a_replay_tells_what_would_differ(client: httpx.Client) -> None:
    """Only in the new one, only in the old one, by job, with examples."""
    about = {"job": "returns"}
    say(client, "arrr", "c1", conversation=about)
    say(client, "I want to talk to a human", "c2", conversation=about)
    say(client, "hello", "c3")
    version = added(client)

    told = client.post(f"/v1/policies/{version}/replay", json={}).json()

    assert (told["policy"], told["against"]) == (f"pirates@{version}", Policy.default().label)
    assert (told["conversations"], told["only_new"], told["only_old"]) == (3, 1, 1)
    assert told["reasons"]["new"] == {"policy": 1}
    assert [one["conversation_id"] for one in told["examples"]] == ["c1", "c2"]
    assert told["examples"][0]["new"]["turn_index"] == 0
    assert (told["jobs"][0]["job"], told["jobs"][0]["conversations"]) == ("returns", 2)
    assert told["left_out"] == {"conversations": 0, "because": None}


def test_a_replay_says_what_it_left_out(client: httpx.Client, service: Service) -> None:
    """The newest within the limit; and one replay at a time."""
    for n in range(3):
        say(client, "hello", f"c{n}")
    address = f"/v1/policies/{Policy.default().version}/replay"

    limited = client.post(address, json={"limit": 2}).json()
    outside = client.post(address, json={"since": "2030-01-01T00:00:00Z"}).json()
    with service.deps.replaying:
        refused = client.post(address, json={})

    assert limited["left_out"] == {"conversations": 1, "because": "limit"}
    assert (limited["conversations"], outside["conversations"]) == (2, 0)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")


def test_rules_in_shadow_are_reported(client: httpx.Client) -> None:
    """Per rule: conversations, what came of them, examples, by job; once per conversation."""
    put_in_force(
        client, SHADOW + "  - {id: asks, when: 'turn.text == \"human\"', then: escalate}\n"
    )
    for n in range(2):
        say(client, f"hm {n}", "c1", conversation={"job": "returns"})
    client.post("/v1/conversations/c1/end", json={"by": "customer"})
    say(client, "hm", "c2")
    say(client, "human", "c2")

    told = client.get("/v1/reports/shadow").json()
    table = client.get("/v1/reports/shadow", params={"format": "csv"}).text.splitlines()

    (row,) = told["items"]
    assert (row["rule"], row["would"], row["conversations"]) == ("hm", "escalate", 2)
    assert (row["contained"], row["escalated_after"], row["unfinished"]) == (1, 1, 0)
    assert row["examples"] == ["c1", "c2"]
    assert [job["job"] for job in row["jobs"]] == [None, "returns"]
    assert table[2] == '"hm","escalate","returns","1","0","0","0","1","0"'
    assert set(told["columns"]) < set(row)

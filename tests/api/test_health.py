"""Health and figures."""

import httpx

from handoff.bootstrap import Service
from tests.api.conftest import escalated
from tests.serving import Served


def test_a_service_is_ready_when_all_it_needs_is_there(served: Served) -> None:
    """Each dependency is named."""
    with served.client() as nobody:
        answer = nobody.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database_reads": "ok",
        "database_writes": "ok",
        "engine": "ok",
    }


def test_a_service_without_its_database_lives_but_is_not_ready(
    served: Served, service: Service
) -> None:
    """503 with the dependency that is missing; the process itself still answers."""
    service.deps.store.close()

    with served.client() as nobody:
        lives, ready = nobody.get("/healthz"), nobody.get("/readyz")

    assert (lives.status_code, ready.status_code) == (200, 503)
    assert ready.json()["database_writes"] == "overloaded"


def test_a_service_with_slow_deliveries_is_ready_and_says_so(served: Served) -> None:
    """What is only slower takes nobody out of service."""
    served.app.state.trouble = lambda: "it does not answer (TimeoutError)"

    with served.client() as nobody:
        answer = nobody.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["degraded"] == "it does not answer (TimeoutError)"


def test_the_figures_tell_states_and_ages(client: httpx.Client) -> None:
    """Prometheus' text format, with states as labels and nobody's name."""
    escalated(client)

    text = client.get("/metrics").text

    assert 'handoff_escalations{state="queued"} 1.0' in text
    assert 'handoff_oldest_undelivered_seconds{clock="live"}' in text
    assert "handoff_resting_accounts 0.0" in text
    assert "c1" not in text


def test_tools_and_schema_are_published(client: httpx.Client) -> None:
    """What others build against can be fetched."""
    tools = client.get("/v1/tools").json()["items"]
    schema = client.get("/v1/schemas/handoff-card-1.json").json()

    assert "transfer_to_human" in [tool["function"]["name"] for tool in tools]
    assert schema["title"] == "handoff-card/1"


def test_a_dead_delivery_can_be_sent_again(client: httpx.Client, service: Service) -> None:
    """A supervisor's replay makes it due under its old id, and the audit trail says who did."""
    escalated(client)
    for _ in range(500):
        found = client.get("/v1/deliveries", params={"state": "confirmed"}).json()["items"]
        if len(found) == 1:
            break

    replayed = client.post(f"/v1/deliveries/{found[0]['delivery_id']}/replay")

    actions = [entry["action"] for entry in client.get("/v1/audit").json()["items"]]
    assert replayed.status_code == 200
    assert replayed.json()["delivery_id"] == found[0]["delivery_id"]
    assert "delivery_replayed" in actions


def test_presence_is_kept_under_ones_own_name(client: httpx.Client, service: Service) -> None:
    """Who sets it is who asks."""
    answer = client.put("/v1/me/presence", json={"status": "available"})

    kept = service.deps.store.read("default", lambda tx: tx.access.presences())
    assert answer.json()["human"] == "ann"
    assert [(p.human, p.status) for p in kept] == [("ann", "available")]


def test_queues_tell_how_many_wait(client: httpx.Client) -> None:
    """Every queue of the policy, also an empty one."""
    before = client.get("/v1/queues").json()["items"]
    escalated(client)

    after = client.get("/v1/queues").json()["items"]

    assert [queue["waiting"] for queue in before] == [0]
    assert [queue["waiting"] for queue in after] == [1]


def test_pages_of_a_listing_join_without_gap(client: httpx.Client) -> None:
    """Following the cursors gives every escalation once."""
    opened = {escalated(client, f"c{number}") for number in range(5)}

    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = client.get("/v1/escalations", params=params).json()
        seen += [item["escalation_id"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break

    assert len(seen) == 5
    assert set(seen) == opened

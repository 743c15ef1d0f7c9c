"""The figures as a Prometheus parser reads them: named, explained, and true."""

import httpx
import pytest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from handoff.api.feed import Bell
from handoff.api.figures import OWN, STORED
from handoff.bootstrap import Service
from handoff.domain.summary import Summary
from tests.api.conftest import escalated, say
from tests.fakes import NOON
from tests.serving import Served


def families(client: httpx.Client) -> dict[str, Metric]:
    """Return what the parser makes of the page, by name as it is told."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        f"{one.name}_total" if one.type == "counter" else one.name: one
        for one in text_string_to_metric_families(answer.text)
    }


def samples(client: httpx.Client) -> dict[str, float]:
    """Return each sample's value, by its name with the word of its label."""
    return {
        "".join((one.name, *(f"{{{word}}}" for word in one.labels.values()))): one.value
        for family in families(client).values()
        for one in family.samples
    }


def test_every_figure_is_there_with_its_kind_and_what_it_tells(client: httpx.Client) -> None:
    """HELP and TYPE for each, once, and nothing that the document does not list."""
    text = client.get("/metrics").text
    found = families(client)
    known = STORED | OWN

    assert [*found] == [*OWN, *STORED]
    for name, figure in known.items():
        assert (found[name].type, found[name].documentation) == (figure.kind, figure.tells)
        assert text.count(f"# HELP {name} ") == text.count(f"# TYPE {name} ") == 1
        assert found[name].samples, name
        labels = {label for one in found[name].samples for label in one.labels}
        assert labels == {figure.label} - {""} | ({"le"} if figure.kind == "histogram" else set())


@pytest.mark.parametrize("name", [n for n, figure in OWN.items() if figure.kind == "histogram"])
def test_buckets_ascend_to_the_count(client: httpx.Client, name: str) -> None:
    """As Prometheus wants them: cumulative, ended by +Inf."""
    for number in range(5):
        say(client, f"where is order {number}?", f"c{number}")

    told = families(client)[name].samples
    buckets = [(float(one.labels["le"]), one.value) for one in told if "le" in one.labels]
    values = [value for _, value in buckets]

    assert buckets == sorted(buckets)
    assert values == sorted(values)
    assert buckets[-1] == (float("inf"), next(o.value for o in told if o.name.endswith("_count")))
    assert values[-1] >= 5
    assert next(one.value for one in told if one.name.endswith("_sum")) > 0


def test_a_turn_is_counted_once_it_is_answered(client: httpx.Client) -> None:
    """What was refused is none."""
    before = samples(client)["handoff_turn_seconds_count"]
    say(client, "hello")
    client.post("/v1/conversations/c1/turns", json={"role": "customer"})

    assert samples(client)["handoff_turn_seconds_count"] == before + 1


def test_ratings_count_once_for_a_repeat(client: httpx.Client) -> None:
    """And not where they were refused."""
    address = f"/v1/escalations/{escalated(client)}/card/rating"
    for _ in range(2):
        client.post(address, json={"useful": True}, headers={"Idempotency-Key": "k1"})
    client.post(address, json={"useful": False})
    client.post(address, json={"useful": True, "claim": "no such claim"})

    found = samples(client)
    assert found["handoff_card_ratings_total{useful}"] == 1
    assert found["handoff_card_ratings_total{not_useful}"] == 1


def test_waiting_stories_are_counted_over_all_tenants(
    client: httpx.Client, service: Service
) -> None:
    """What is written waits no longer."""
    say(client, "hello", "c1")
    say(client, "hello", "c2")

    def order(*due: str) -> None:
        for name in ("c1", "c2"):
            kept = Summary("default", name, due_at=NOON if name in due else None)
            service.deps.store.write("default", lambda tx, kept=kept: tx.summaries.put(kept))

    order("c1", "c2")
    both = samples(client)["handoff_stories_waiting"]
    order("c2")

    assert (both, samples(client)["handoff_stories_waiting"]) == (2, 1)


@pytest.fixture
def full(service: Service) -> Bell:
    """Return a bell that lets nobody in."""
    bell = service.app.state.bell = Bell(most=0)
    return bell


def test_feeds_that_were_one_too_many_are_counted(
    served: Served, client: httpx.Client, full: Bell
) -> None:
    """Nobody is connected then."""
    client.get("/v1/events")
    client.get("/v1/events")

    found = samples(client)
    assert found["handoff_feeds_refused_total"] == full.refused == 2
    assert found["handoff_feed_clients"] == full.readers == 0

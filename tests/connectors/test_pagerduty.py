"""The PagerDuty connector: an alert per incident, by how the incident is."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from pydantic import JsonValue

from connectors import connect
from handoff.domain.connector import Connector, Parcel
from handoff.domain.errors import ConnectorError
from handoff.outbound import GuardedClient
from tests.parcels import INCIDENT, NOW, parcel
from tests.receiver import Receiver, plain


@dataclass(frozen=True, slots=True)
class House:
    """The connector and what it calls."""

    pagerduty: Connector
    peer: Receiver

    def sent(self) -> list[dict[str, JsonValue]]:
        """Return the events that arrived."""
        return [json.loads(one.body) for one in self.peer.ledger]


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with an Events API on loopback."""
    with (
        Receiver(plain("202 Accepted")) as peer,
        closing(GuardedClient(allow_loopback=True)) as out,
    ):
        settings = {"routing_key": "R0", "url": peer.url.removesuffix("/hook")}
        yield House(connect("pagerduty", settings, out), peer)


def over() -> Parcel:
    """Return what is sent once the incident is over."""
    closed = INCIDENT.evolve(closed_at=NOW + timedelta(minutes=9), due_at=None)
    return replace(parcel("dlv_2", "incident"), incident=closed)


def test_an_incident_is_one_alert_that_ends_with_it(house: House) -> None:
    """Triggered and resolved under one key."""
    first = house.pagerduty.deliver(parcel(event="incident"))
    last = house.pagerduty.deliver(over())

    trigger, resolve = house.sent()
    assert first.reference == last.reference == trigger["dedup_key"] == resolve["dedup_key"]
    assert (trigger["event_action"], resolve["event_action"]) == ("trigger", "resolve")
    assert "payload" not in resolve


def test_an_alert_says_what_and_how_many_and_no_customers_word(house: House) -> None:
    """Whoever is called sees the cause."""
    house.pagerduty.deliver(parcel(event="incident", said="my secret is 4711"))

    (event,) = house.sent()
    payload = event["payload"]
    assert isinstance(payload, dict)
    assert payload["summary"] == "Many escalations in billing because get_order fails"
    assert "4711" not in json.dumps(event)


def test_a_single_escalation_calls_nobody(house: House) -> None:
    """Also where a queue names it by mistake: visibly refused."""
    with pytest.raises(ConnectorError, match="only incidents") as caught:
        house.pagerduty.deliver(replace(parcel(), incident=None))

    assert not caught.value.retryable
    assert house.sent() == []


def test_a_late_trigger_opens_nothing_again(house: House) -> None:
    """What is sent is how the incident is when it is sent."""
    house.pagerduty.deliver(replace(over(), event="incident", attempt=4))

    assert house.sent()[0]["event_action"] == "resolve"


@pytest.mark.parametrize("status", ["400 Bad", "429 Slow"])
def test_what_pagerduty_documents_is_followed(house: House, status: str) -> None:
    """400 is never repeated, 429 is."""
    house.peer.answer = plain(status)
    with pytest.raises(ConnectorError) as caught:
        house.pagerduty.deliver(parcel())

    assert caught.value.retryable is status.startswith("429")

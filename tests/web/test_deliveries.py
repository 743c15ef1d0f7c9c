"""Deliveries for supervisors: what failed and why, what is stuck, and sending it again."""

import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.delivery import DeliveryState
from handoff.domain.errors import ConnectorError
from handoff.domain.finding import Damage, Finding
from handoff.domain.records import Scope
from tests import fakes
from tests.web.conftest import LogIn, Person, say


@pytest.fixture
def tickets() -> fakes.Recorder:
    """Return a connector that refuses what it is given first, with hostile words."""
    return fakes.Recorder(errors=[ConnectorError("no <b>such</b> queue", retryable=False)])


@pytest.fixture
def service(tmp_path: Path, clock: fakes.Clock, tickets: fakes.Recorder) -> Service:
    """Return a service with a desk and tickets."""
    connectors = {"desk": fakes.Recorder(), "tickets": tickets}
    return build(Settings(data_dir=tmp_path), clock=clock, connectors=connectors)


def states(service: Service, escalation: str) -> list[DeliveryState]:
    """Return where an escalation's deliveries to the tickets are."""
    found = service.deps.store.read(TENANT, lambda tx: tx.deliveries.of(escalation))
    return [one.state for one in found if one.connector == "tickets"]


@pytest.fixture
def refused(service: Service, bot: httpx.Client) -> str:
    """Return an escalation that the tickets refused."""
    answer = say(bot, "I want to talk to a human")
    escalation = str(answer.json()["escalation"]["escalation_id"])
    until = time.monotonic() + 10
    while states(service, escalation) != [DeliveryState.REFUSED]:
        assert time.monotonic() < until, states(service, escalation)
        time.sleep(0.02)
    return escalation


def test_what_was_refused_stands_first_and_says_why(ann: Person, refused: str) -> None:
    """The worst state that has any, the reason as text, and the way to the story."""
    seen = ann.see("/deliveries")

    assert "Refused 1" in seen.text
    assert "no <b>such</b> queue" in seen.text
    assert f"/transfers/{refused}" in seen.links


def test_it_is_sent_again_with_a_button(ann: Person, refused: str, service: Service) -> None:
    """Under its old id, by whoever pressed it, and once."""
    forms = [str(form["action"]) for form in ann.see("/deliveries").all("form")]
    sent = ann.send(next(action for action in forms if action.endswith("/again")))

    told = service.deps.store.read(TENANT, lambda tx: tx.audit.of(refused))
    assert (sent.status_code, sent.headers["location"]) == (303, "/deliveries?state=pending")
    (by,) = (one.entry.actor.name for one in told if one.entry.action == "delivery_replayed")
    assert by == "ann"
    assert DeliveryState.REFUSED not in states(service, refused)


def test_what_is_stuck_is_told_in_words(ann: Person, service: Service, clock: fakes.Clock) -> None:
    """And whether it mended itself."""
    at, minute = clock(), timedelta(minutes=1)
    found = (
        Finding(TENANT, Damage.TIMER_LATE, "esc_1", "queued", at),
        Finding(TENANT, Damage.NO_TIMER, "esc_2", "active", at - minute, at),
    )
    service.deps.store.write_any(lambda work: work.auditing.keep(found))

    seen = ann.see("/deliveries")

    assert "its timer is overdue: does an engine run? esc_1 queued" in seen.text
    assert "no: look at it" in seen.text
    assert "nothing will look at it again esc_2 active" in seen.text


def test_nothing_is_told_where_nothing_is_wrong(ann: Person) -> None:
    """In words, not by an empty table."""
    assert "None. Nothing is stuck." in ann.see("/deliveries").text


def test_it_is_for_those_who_watch(log_in: LogIn) -> None:
    """An agent sees no list, and no link to it."""
    agent = log_in("bob", Scope.AGENT)

    assert "/deliveries" not in agent.see("/desk").links
    agent.see("/deliveries", 403)

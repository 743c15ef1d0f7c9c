"""An incident is told to the connectors of incidents: once when it opens, once when it is over."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from handoff.domain.delivery import Delivery
from handoff.domain.records import Page
from handoff.services.deliver import deliver
from handoff.services.deps import Deps
from handoff.services.detectors import Detectors, Written
from tests import fakes
from tests.services.conftest import TENANT
from tests.services.test_storm import POLICY, fail, incidents, pass_time


@dataclass
class Pager(fakes.Recorder):
    """A connector that wants incidents and nothing else."""

    incidents: bool = True


@pytest.fixture
def pager() -> Pager:
    """Return a connector of incidents."""
    return Pager()


@pytest.fixture
def deps(deps: Deps, pager: Pager) -> Deps:
    """Return a composition that looks for incidents and tells the pager."""
    detectors = Detectors(deps.store, Written.load(POLICY))
    return replace(deps, detectors=detectors, connectors={**deps.connectors, "pager": pager})


def told(deps: Deps) -> list[Delivery]:
    """Return the deliveries to the pager, the oldest first."""
    return sorted(
        deps.store.read(TENANT, lambda tx: tx.deliveries.list(None, "pager", Page()).items),
        key=lambda one: one.delivery_id,
    )


def send(deps: Deps) -> None:
    """Deliver what is due."""
    due = deps.store.write_any(
        lambda work: work.claim_deliveries(deps.clock(), 50, lambda: "token")
    )
    for one in due:
        deliver(deps, one)


def test_a_storm_is_one_alert_however_many_come(deps: Deps, pager: Pager) -> None:
    """No escalation by itself is told."""
    for number in range(9):
        fail(deps, number)

    (one,) = told(deps)
    (incident,) = incidents(deps)
    assert (one.event, one.clock) == ("incident.opened", "live")
    assert incident.escalations == 9


def test_the_alert_ends_with_the_incident(deps: Deps, pager: Pager, clock: fakes.Clock) -> None:
    """On the same escalation, so that the end never overtakes the beginning."""
    for number in range(6):
        fail(deps, number)
    pass_time(deps, clock, clock.at + timedelta(hours=1))

    opened, closed = told(deps)
    assert (opened.event, closed.event) == ("incident.opened", "incident.closed")
    assert opened.escalation_id == closed.escalation_id


def test_what_is_sent_has_the_incident_as_it_is(deps: Deps, pager: Pager) -> None:
    """With how many it counts by now."""
    for number in range(8):
        fail(deps, number)
    send(deps)

    (parcel,) = pager.parcels
    assert parcel.incident is not None
    assert (parcel.event, parcel.incident.escalations) == ("incident", 8)


def test_a_day_without_a_storm_calls_nobody(deps: Deps) -> None:
    """Though its queue names no connectors, and so has all others."""
    for number in range(5):
        fail(deps, number)

    assert told(deps) == []

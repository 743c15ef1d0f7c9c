"""Fallback: the next connector of the queue, once the failed one cannot have it any more."""

from dataclasses import replace
from typing import cast

import pytest

from handoff.domain.delivery import Delivery, DeliveryState
from handoff.domain.errors import ConnectorError
from handoff.domain.ports import Store
from handoff.services.deliver import deliver
from handoff.services.deps import Deps
from handoff.services.detectors import Detectors, Written
from tests import fakes
from tests.services.conftest import TENANT, escalated

POLICY = """schema: handoff-policy/1
name: two
routing:
  queues:
    general: {connectors: [first], fallback: [second]}
"""


@pytest.fixture
def house(store: Store, clock: fakes.Clock) -> Deps:
    """Return a composition with a queue that falls back from `first` on `second`."""
    made = fakes.deps(store, clock, first=fakes.Recorder(), second=fakes.Recorder())
    return replace(made, detectors=Detectors(store, Written.load(POLICY)))


def sent(deps: Deps, clock: fakes.Clock) -> None:
    """Send what is due until nothing is."""
    for _ in range(20):
        due = deps.store.write_any(
            lambda work: work.claim_deliveries(clock(), 10, lambda: "t", records=9, after="")
        )
        for delivery in due:
            deliver(deps, delivery)
        clock.forward(31)


def rows(deps: Deps, escalation: str) -> list[Delivery]:
    """Return the deliveries but the desk's."""
    found = deps.store.read(TENANT, lambda tx: tx.deliveries.of(escalation))
    return [one for one in found if one.connector != "desk"]


def test_a_refusal_goes_to_the_next_at_once(house: Deps, clock: fakes.Clock) -> None:
    """What was refused is not there: nothing is to be withdrawn."""
    first = house.connectors["first"]
    assert isinstance(first, fakes.Recorder)
    first.errors = [ConnectorError("no", retryable=False)]
    escalation = escalated(house)

    sent(house, clock)

    told = [(one.connector, one.event, one.state) for one in rows(house, escalation)]
    assert told == [
        ("first", "opened", DeliveryState.REFUSED),
        ("second", "opened", DeliveryState.CONFIRMED),
    ]


def test_what_may_be_there_is_withdrawn_first(house: Deps, clock: fakes.Clock) -> None:
    """Two people are never asked: the withdrawal is confirmed before the next one opens."""
    first = house.connectors["first"]
    assert isinstance(first, fakes.Recorder)
    first.errors = [ConnectorError("gone", unknown=True)] * 5
    escalation = escalated(house)

    sent(house, clock)

    told = [(one.connector, one.event, one.state) for one in rows(house, escalation)]
    assert told == [
        ("first", "opened", DeliveryState.DEAD),
        ("first", "withdrawn", DeliveryState.CONFIRMED),
        ("second", "opened", DeliveryState.CONFIRMED),
    ]


def registered(house: Deps, *names: str) -> dict[str, fakes.Recorder]:
    """Register webhooks that hear of every queue; return them."""
    for name in names:
        made = fakes.webhook(name, house.webhooks.box, house.clock())
        house.store.write(TENANT, lambda tx, one=made: tx.webhooks.add(one))
    house.webhooks.refresh()
    return {name: cast(fakes.Recorder, one) for name, one in house.webhooks.of(TENANT).items()}


def test_nobody_takes_the_place_of_a_webhook_that_only_hears(
    house: Deps, clock: fakes.Clock
) -> None:
    """The queue's own connector has it: a receiver that is broken changes nothing of that."""
    registered(house, "wh_a")["wh_a"].errors = [ConnectorError("no", retryable=False)]
    escalation = escalated(house)

    sent(house, clock)

    told = {one.connector: one.state for one in rows(house, escalation)}
    assert told == {"first": DeliveryState.CONFIRMED, "wh_a": DeliveryState.REFUSED}


def test_a_webhook_that_a_queue_falls_back_on_waits(house: Deps, clock: fakes.Clock) -> None:
    """It hears nothing before the one that the queue names has failed, be that a webhook too."""
    told = POLICY.replace("first", "wh_first").replace("second", "wh_second")
    house = replace(house, detectors=Detectors(house.store, Written.load(told)))
    hooks = registered(house, "wh_first", "wh_second")
    hooks["wh_first"].errors = [ConnectorError("no", retryable=False)]
    escalation = escalated(house)
    begun = [one.connector for one in rows(house, escalation)]

    sent(house, clock)

    assert begun == ["wh_first"]
    assert len(hooks["wh_second"].parcels) == 1

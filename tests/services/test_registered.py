"""The registry of webhooks: who hears what, what another process registered, lost keys."""

import logging
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from handoff.domain.account import Account
from handoff.domain.audit import SYSTEM
from handoff.domain.connector import Callback
from handoff.domain.delivery import DeliveryState
from handoff.domain.errors import Conflict, Overloaded, Unauthenticated
from handoff.domain.ports import Store, Transaction
from handoff.domain.secret_box import SecretBox
from handoff.domain.webhooks import OVERLAP, StoredWebhook
from handoff.services.deliver import deliver
from handoff.services.deps import Deps
from handoff.services.detectors import Detectors, Written
from handoff.services.outside import MOST, OF_ONE, Outside
from handoff.services.registered import Locked, Registered
from handoff.services.route import route
from handoff.services.webhooks import register, rotate
from tests import fakes
from tests.services.conftest import ANN, TENANT, escalated

POLICY = """schema: handoff-policy/1
name: two
routing:
  default_queue: general
  queues:
    general: {connectors: [desk]}
    security: {}
"""


@pytest.fixture
def house(store: Store, clock: fakes.Clock) -> Deps:
    """Return a composition with two queues, of which one names its connectors."""
    made = fakes.deps(store, clock)
    return replace(made, detectors=Detectors(store, Written.load(POLICY)))


def keep(deps: Deps, webhook_id: str, *queues: str, tenant: str = TENANT) -> StoredWebhook:
    """Register a webhook as another process does: nothing is told to this one."""
    made = fakes.webhook(webhook_id, deps.webhooks.box, deps.clock(), *queues)
    deps.store.write(tenant, lambda tx: tx.webhooks.add(made))
    return made


def test_a_webhook_hears_of_its_queues_beside_what_they_name(house: Deps) -> None:
    """One without queues hears of all; nobody hears another tenant's."""
    keep(house, "wh_all")
    keep(house, "wh_security", "security")
    keep(house, "wh_strange", tenant="other")
    house.webhooks.refresh()

    told = {name: route(house, TENANT, name).connectors for name in ("general", "security")}

    assert told["general"] == ("desk", "wh_all")
    assert set(told["security"]) == {"desk", "wh_all", "wh_security"}


def test_a_delivery_finds_what_another_process_registered(
    house: Deps, clock: fakes.Clock, store: Store
) -> None:
    """Its worker has not looked since."""
    keep(house, "wh_new")
    opener = replace(house, webhooks=fakes.webhooks(store, clock))
    opener.webhooks.refresh()
    escalated(opener)

    due = store.write_any(lambda work: work.claim_deliveries(clock(), 10, lambda: "t"))
    told = {one.connector: deliver(house, one) for one in due}

    assert told["wh_new"] is DeliveryState.CONFIRMED


def test_what_did_not_change_keeps_its_connector(house: Deps, clock: fakes.Clock) -> None:
    """And the old secret goes when its time is over, though nothing was written then."""
    made = keep(house, "wh_a")
    house.webhooks.refresh()
    first = house.webhooks.of(TENANT)["wh_a"]
    house.webhooks.refresh()
    same = house.webhooks.of(TENANT)["wh_a"]
    rotated = made.rotated(house.webhooks.box.new(), OVERLAP, clock())
    house.store.write(TENANT, lambda tx: tx.webhooks.save(rotated))

    seen = []
    for seconds in (0.0, OVERLAP.total_seconds() - 1, 1):
        clock.forward(seconds)
        house.webhooks.refresh()
        seen.append(house.webhooks.of(TENANT)["wh_a"])

    assert same is first
    assert seen[0] is seen[1] is not first
    assert seen[2] is not seen[1]


def test_a_new_secret_is_tried_at_once(house: Deps, clock: fakes.Clock) -> None:
    """After a 401 the account rests: who has put that right need not wait."""
    made = keep(house, "wh_a")
    rests = Account(TENANT, "wh_a", failures=5, paused_until=clock() + OVERLAP)
    house.store.write(TENANT, lambda tx: tx.accounts.save(rests))

    def rotated(tx: Transaction) -> Account:
        rotate(tx, house.webhooks.box, made.webhook_id, OVERLAP, by=ANN, at=clock())
        return tx.accounts.get("wh_a")

    assert not house.store.write(TENANT, rotated).rests(clock())


def test_a_lost_key_is_said_and_stops_nobody_else(
    house: Deps, clock: fakes.Clock, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be signed does not go out, and is tried again: by a process that has the key."""
    keep(house, "wh_old")
    box = SecretBox(b"another key")
    moved = replace(
        house,
        webhooks=Registered(
            store, lambda: box, lambda *_: fakes.Recorder(), clock, lambda _url: None
        ),
    )
    keep(moved, "wh_new")

    with caplog.at_level(logging.ERROR, "handoff.webhooks"):
        moved.webhooks.refresh()

    escalated(moved)
    due = store.write_any(lambda work: work.claim_deliveries(clock(), 10, lambda: "t"))
    told = {one.connector: deliver(moved, one) for one in due}
    assert told["wh_old"] is DeliveryState.PENDING
    assert told["wh_new"] is DeliveryState.CONFIRMED
    assert "wh_old of default: the webhook's secret was kept under another" in caplog.text


def test_rotating_is_a_way_out_where_the_key_is_lost(
    house: Deps, clock: fakes.Clock, store: Store
) -> None:
    """The old secret, which nobody can read, does not lock the new one: it signs alone, at once."""
    made = keep(house, "wh_old")
    box = SecretBox(b"another key")
    moved = Registered(store, lambda: box, lambda *_: fakes.Recorder(), clock, lambda _url: None)

    rotated = store.write(
        TENANT, lambda tx: rotate(tx, box, made.webhook_id, OVERLAP, by=SYSTEM, at=clock())
    )
    moved.refresh()

    assert (rotated.secret_before, rotated.before_until) == (None, None)
    assert isinstance(moved.of(TENANT)["wh_old"], fakes.Recorder)


def test_a_stranger_is_not_told_why_a_secret_cannot_be_read(house: Deps) -> None:
    """A callback that cannot be verified is refused, and nothing of our settings is said."""
    with pytest.raises(Unauthenticated) as refused:
        Locked("kept under another HANDOFF_HASH_SECRET").understand(
            Callback({}, b"{}", house.clock())
        )

    assert "HASH" not in refused.value.message


def test_few_wait_outside_and_fewer_of_one_tenant() -> None:
    """Who is refused may come again once another has been answered."""
    outside, waiting = Outside(), ExitStack()
    for _ in range(OF_ONE):
        waiting.enter_context(outside.waiting("a"))

    with pytest.raises(Overloaded), outside.waiting("a"):
        pass
    with outside.waiting("b"):
        pass
    waiting.close()
    for number in range(MOST):
        waiting.enter_context(outside.waiting(f"t{number}"))
    with pytest.raises(Overloaded), outside.waiting("b"):
        pass


def test_a_key_whose_answer_is_forgotten_registers_no_second_one(house: Deps) -> None:
    """The same request is answered with what is there, another one is refused."""
    made = keep(house, "wh_by_key")
    enter = partial(register, by=SYSTEM, at=house.clock())

    again = house.store.write(TENANT, lambda tx: enter(tx, replace(made, secret="new")))
    with pytest.raises(Conflict, match="take a new one"):
        house.store.write(TENANT, lambda tx: enter(tx, replace(made, url="https://b.example/")))

    assert again == made


def test_rotating_ends_the_secret_before_at_its_time() -> None:
    """Or at once, where it has leaked."""
    at = fakes.NOON
    first = StoredWebhook("wh_a", "https://a.example/", "", (), "one", None, None, at, at, "ann")

    second = first.rotated("two", timedelta(hours=1), at)
    third = second.rotated("three", timedelta(0), at)

    assert (second.secret, second.before(at)) == ("two", "one")
    assert second.before(at + timedelta(hours=1)) is None
    assert (third.secret, third.before(at)) == ("three", None)

"""Transfer: who carries the new queue is told, and who carries both is told where it is."""

from dataclasses import dataclass, replace

import pytest

from handoff.domain.ports import Store, Transaction
from handoff.services.deps import Deps
from handoff.services.detectors import Detectors, Written
from handoff.services.moving import found
from handoff.services.respond import transfer
from tests import fakes
from tests.services.conftest import ANN, TENANT, escalated

POLICY = """schema: handoff-policy/1
name: two
routing:
  default_queue: general
  queues:
    general: {connectors: [tickets, mail, board]}
    billing: {connectors: [calls, mail, board]}
"""


@dataclass
class Board(fakes.Recorder):
    """A connector that is told of every change."""

    follows: bool = True


@pytest.fixture
def house(store: Store, clock: fakes.Clock) -> Deps:
    """Return a composition whose two queues share some of their connectors."""
    others = {name: fakes.Recorder() for name in ("tickets", "mail", "calls")}
    made = fakes.deps(store, clock, board=Board(), **others)
    return replace(made, detectors=Detectors(store, Written.load(POLICY)))


def moved(deps: Deps, escalation: str, queue: str) -> list[tuple[str, str]]:
    """Transfer it; return connector and event of what is new in the outbox."""

    def work(tx: Transaction) -> list[tuple[str, str]]:
        before = {one.delivery_id for one in tx.deliveries.of(escalation)}
        it, at = found(tx, escalation), deps.clock()
        transfer(tx, deps, it, queue, None, by=ANN, at=at)
        after = tx.deliveries.of(escalation)
        return [(one.connector, one.event) for one in after if one.delivery_id not in before]

    return deps.store.write(TENANT, work)


def test_the_new_queue_gets_it(house: Deps) -> None:
    """Opened where it never was; where it is, told again or by the change; no word elsewhere."""
    told = moved(house, escalated(house), "billing")

    assert sorted(told) == [("board", "changed.2"), ("calls", "opened"), ("mail", "updated.2")]


def test_it_may_come_back(house: Deps) -> None:
    """It is the same escalation: nobody gets it a second time as new."""
    escalation = escalated(house)
    moved(house, escalation, "billing")

    told = moved(house, escalation, "general")

    assert sorted(told) == [("board", "changed.3"), ("mail", "updated.3"), ("tickets", "updated.3")]


def test_a_transfer_to_its_own_queue_tells_only_those_who_follow(house: Deps) -> None:
    """Nothing is new to anybody else."""
    assert moved(house, escalated(house), "general") == [("board", "changed.2")]

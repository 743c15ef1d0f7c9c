"""What was kept long enough goes, on both databases; what goes on stays, and the chain holds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from handoff.domain.audit import first_break
from handoff.domain.conversation import month_of
from handoff.domain.delivery import DeliveryState
from handoff.domain.escalation import State
from handoff.domain.ports import Store, Transaction
from handoff.domain.records import Page, Remembered
from handoff.domain.retention import Old, Retention, month_before
from handoff.services.retention import keep_house, let_go, old
from handoff.services.views import audit_view
from handoff.store import open_store
from tests.factories import NOON, TENANT, delivery, entry, escalation, head, stored

LATER = NOON.replace(year=NOON.year + 1)
KEEP = Retention(months=6, audit_months=9, feed_days=30, answers_days=7)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return a fresh store on each database."""
    url, server = f"sqlite:///{tmp_path}/handoff.db", None
    if request.param == "postgresql":  # one of its own: tables go
        server = request.getfixturevalue("postgres")
        name = server.create()
        url = server.url(name)
    opened = open_store(url)
    keep_house(opened, Retention(), NOON)
    yield opened
    opened.close()
    if server is not None:
        server.drop(name)


def lived(store: Store, number: int, at: datetime = NOON, *, closed: bool = True) -> None:
    """Store a conversation with a turn, an escalation and a delivery that is settled."""
    conversation = f"c{number}"
    names = {"conversation_id": conversation, "escalation_id": f"e{number}"}
    its = {"escalation_id": f"e{number}", "delivery_id": f"d{number}"}

    def work(tx: Transaction) -> None:
        kept = head(conversation_id=conversation, started_at=at, month=month_of(at))
        tx.conversations.save(kept.evolve(open_escalation=None if closed else f"e{number}"))
        tx.conversations.add_turns(conversation, [stored()])
        opened = escalation(**names, state=State.CLOSED if closed else State.QUEUED)
        tx.escalations.add(replace(opened, opened_at=at, closed_at=at if closed else None))
        tx.deliveries.add(delivery(**its, state=DeliveryState.CONFIRMED))
        tx.audit.append(entry(subject=f"e{number}", conversation_id=conversation, at=at))
        tx.events.publish("escalation", f"e{number}", {}, at)

    store.write(TENANT, work)


def left(store: Store) -> list[str]:
    """Return the conversations that are there with a turn, an escalation and a delivery."""

    def work(tx: Transaction) -> list[str]:
        return [
            name
            for name in (f"c{n}" for n in range(5))
            if tx.conversations.head(name)
            and tx.conversations.turns(name)
            and tx.escalations.get(f"e{name[1:]}")
            and tx.deliveries.of(f"e{name[1:]}")
        ]

    return store.read(TENANT, work)


def test_the_month_before_a_month() -> None:
    """Over a year's turn too."""
    assert month_before(NOON, 5) == datetime(2025, 12, 1, tzinfo=NOON.tzinfo)
    assert Retention(answers_days=1).cuts(NOON).answers == NOON - timedelta(days=7)
    assert Retention().cuts(NOON).conversations is None


def test_what_is_over_goes_with_all_that_belongs_to_it(store: Store) -> None:
    """And nothing else: not what began later."""
    lived(store, 0)
    lived(store, 1, LATER)

    there = old(store, KEEP, LATER)
    gone = let_go(store, KEEP, LATER)

    assert there[TENANT].conversations == gone["conversations"] == 1
    assert left(store) == ["c1"]
    assert store.read(TENANT, lambda tx: tx.conversations.turns("c0")) == ()
    assert let_go(store, KEEP, LATER)["conversations"] == 0


def test_without_a_setting_everything_stays(store: Store) -> None:
    """It is off by default."""
    lived(store, 0)

    assert set(let_go(store, Retention(), LATER).values()) == {0}
    assert old(store, Retention(), LATER) == {}
    assert left(store) == ["c0"]


def test_what_goes_on_stays_whole(store: Store) -> None:
    """One with an open escalation, one that somebody spoke in since; the others of its month go."""
    lived(store, 0)
    lived(store, 1, closed=False)
    lived(store, 2)
    spoke = head(conversation_id="c2", last_turn_at=LATER)
    store.write(TENANT, lambda tx: tx.conversations.save(spoke))

    there = old(store, KEEP, LATER)[TENANT]
    let_go(store, KEEP, LATER)

    assert there == Old(conversations=1, going_on=2, audit=3, feed=3)
    assert left(store) == ["c1", "c2"]


def test_the_chain_proves_itself_after_a_cut(store: Store) -> None:
    """The oldest entries are gone, one further on says so; whoever hides that entry is found."""
    lived(store, 0)
    lived(store, 1)
    lived(store, 2, LATER)

    gone = let_go(store, KEEP, LATER)

    found = store.read(TENANT, lambda tx: tx.audit.list(Page(9)).items)
    rows = [audit_view(one) for one in found]
    assert gone["audit"] == 2
    assert [one.sequence for one in found] == [3, 4]
    assert first_break(rows) is None
    assert "missing" in (first_break(rows[:1]) or "")


def test_the_record_of_what_is_stored_stays(store: Store) -> None:
    """A chain is not cut beyond a conversation that is still there."""
    lived(store, 0, closed=False)
    lived(store, 1)

    assert let_go(store, KEEP, LATER)["audit"] == 0


def test_old_events_and_answers_go(store: Store) -> None:
    """The feed counts on; a key is free again."""
    lived(store, 0)
    store.write(TENANT, lambda tx: tx.idempotency.put("p", "r", "k", Remembered("f", 200, 1), NOON))

    gone = let_go(store, KEEP, LATER)

    assert (gone["feed"], gone["answers"]) == (1, 1)
    assert store.read(TENANT, lambda tx: tx.idempotency.get("p", "r", "k")) is None
    assert store.read(TENANT, lambda tx: tx.events.latest()) == 1


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_month_that_is_over_is_dropped_whole(store: Store) -> None:
    """Its partitions are gone; a late turn of such a month is taken all the same."""
    lived(store, 0)
    lived(store, 1, LATER)

    gone = let_go(store, KEEP, LATER)
    late = head(conversation_id="c4")
    store.write(TENANT, lambda tx: tx.conversations.save(late))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c4", [stored()]))

    assert gone["months"] >= 5
    assert store.read(TENANT, lambda tx: len(tx.conversations.turns("c4"))) == 1


Happened = Callable[[Transaction], object]


def closed_late(tx: Transaction) -> None:
    """Close the escalation long after the last word."""
    kept = tx.escalations.get("e0")
    assert kept is not None
    tx.escalations.save(replace(kept, closed_at=LATER, version=kept.version + 1))


def to_be_sent(tx: Transaction) -> None:
    """Leave something to be told."""
    tx.deliveries.add(delivery(escalation_id="e0", delivery_id="d9", event="closed"))


def ended_late(tx: Transaction) -> None:
    """End the conversation long after the last word."""
    kept = tx.conversations.head("c0")
    assert kept is not None
    tx.conversations.save(kept.evolve(ended_at=LATER))


@pytest.mark.parametrize("happened", [closed_late, to_be_sent, ended_late])
def test_what_happened_since_counts(store: Store, happened: Happened) -> None:
    """A ticket of months that closed yesterday is yesterday's, and its news is still on the way."""
    lived(store, 0)
    store.write(TENANT, happened)

    assert let_go(store, KEEP, LATER)["conversations"] == 0
    assert left(store) == ["c0"]


def test_the_name_of_a_callback_stays_as_long_as_conversations(store: Store) -> None:
    """It tells a repeat for ever: a kept answer, which only spares work, goes before it."""
    store.write(TENANT, lambda tx: tx.access.first_time("webhook", "ev1", NOON))
    week = Retention(answers_days=7)

    assert let_go(store, week, LATER)["callbacks"] == 0
    assert let_go(store, KEEP, LATER)["callbacks"] == 1


def test_it_goes_on_after_an_interruption(store: Store) -> None:
    """Batch by batch: what one has taken is gone, the rest is there for the next."""
    for number in range(3):
        lived(store, number)
    cut = LATER - timedelta(days=30)

    first = store.write_any(lambda work: work.ageing.forget_conversations(TENANT, cut, 2))

    assert (first, left(store)) == (2, ["c2"])
    assert let_go(store, KEEP, LATER)["conversations"] == 1

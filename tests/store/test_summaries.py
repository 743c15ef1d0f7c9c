"""Stories in the database: ordered, claimed by one, paid for by the hour."""

from dataclasses import replace
from datetime import timedelta

from handoff.domain.card import Provenance, Statement
from handoff.domain.ports import Store
from handoff.domain.summary import Draft, Dropped, Spent, Summary
from tests.factories import NOON, TENANT, head

DRAFT = Draft(
    sentences=(Statement(text="The customer waits.", turns=(0,)),),
    turns_read=3,
    provenance=Provenance(summarizer="llm", model="m1"),
    tokens=9,
)
ORDER = Summary(TENANT, "c1", "e1", NOON)


def put(store: Store, *summaries: Summary) -> None:
    """Store summaries with their conversations."""
    for one in summaries:
        conversation = head(tenant=one.tenant, conversation_id=one.conversation_id)
        store.write(one.tenant, lambda tx, c=conversation: tx.conversations.save(c))
        store.write(one.tenant, lambda tx, one=one: tx.summaries.put(one))


def test_what_is_put_is_what_is_read(store: Store) -> None:
    """Draft and dropped sentences too; put again, it is replaced."""
    done = replace(ORDER, due_at=None, draft=DRAFT, dropped=(Dropped(text="x", why="name"),))
    put(store, ORDER, done)

    assert store.read(TENANT, lambda tx: tx.summaries.get("c1")) == done
    assert store.read(TENANT, lambda tx: tx.summaries.get("c2")) is None
    assert store.read("other", lambda tx: tx.summaries.get("c1")) is None


def test_one_order_is_claimed_by_one(store: Store) -> None:
    """Who comes second finds that it was claimed, and it is due when the lease ends."""
    put(store, ORDER)
    until = NOON + timedelta(minutes=1)

    claims = [store.write(TENANT, lambda tx: tx.summaries.claim(ORDER, until)) for _ in range(2)]

    kept = store.read(TENANT, lambda tx: tx.summaries.get("c1"))
    assert claims == [True, False]
    assert kept == replace(ORDER, due_at=until, tries=1)


def test_what_is_due_is_found_over_all_tenants(store: Store) -> None:
    """Longest overdue first; what waits for nothing is not."""
    late = replace(ORDER, tenant="other", conversation_id="c2", due_at=NOON - timedelta(hours=1))
    idle = replace(ORDER, conversation_id="c3", due_at=None)
    soon = replace(ORDER, conversation_id="c4", due_at=NOON + timedelta(hours=1))
    put(store, ORDER, late, idle, soon)

    found = store.read_any(lambda work: work.due_summaries(NOON, 10))
    assert [(due.tenant, due.subject) for due in found] == [("other", "c2"), (TENANT, "c1")]
    assert store.read_any(lambda work: work.next_summary_at()) == late.due_at


def test_costs_add_up_by_the_hour_for_each_tenant(store: Store) -> None:
    """Of the hours since then."""
    for at in (NOON - timedelta(hours=3), NOON, NOON + timedelta(minutes=5)):
        store.write(TENANT, lambda tx, at=at: tx.summaries.spend(at, Spent(1, 100)))

    assert store.read(TENANT, lambda tx: tx.summaries.spent(NOON)) == Spent(2, 200)
    assert store.read("other", lambda tx: tx.summaries.spent(NOON)) == Spent()

"""Who is served: tenants in turn, live before records, nobody whose account rests."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.domain.account import OPENS_AT, Account
from handoff.domain.delivery import LEASE, Clock, Delivery
from handoff.domain.ports import Transaction
from handoff.store import SqlStore, open_store
from tests.factories import NOON, delivery, escalation, put

SECOND = timedelta(seconds=1)


def outbox(store: SqlStore, tenant: str, number: int, **over: object) -> None:
    """Store escalations with a due delivery each: a1, a2, … of a tenant a."""
    for n in range(1, number + 1):
        name = f"{tenant}{n}"
        opened = escalation(escalation_id=name, conversation_id=name, tenant=tenant)
        one = delivery(tenant=tenant, delivery_id=name, escalation_id=name)
        row = replace(one, **{"due_at": NOON - SECOND + n * SECOND / 100, **over})
        store.write(tenant, lambda tx, e=opened, d=row: put(tx, e, d))


def claim(store: SqlStore, limit: int, at: datetime = NOON, **how: object) -> list[Delivery]:
    """Claim what is due."""
    numbers = count()
    found = store.write_any(
        lambda w: w.claim_deliveries(at, limit, lambda: f"t{next(numbers)}", **how)  # type: ignore[arg-type]
    )
    return list(found)


def ids(claimed: list[Delivery]) -> list[str]:
    """Return the ids in order."""
    return [one.delivery_id for one in claimed]


def test_tenants_go_in_turn(store: SqlStore) -> None:
    """However much one has waiting, the others are served beside it."""
    outbox(store, "a", 20, due_at=NOON - 60 * SECOND)
    outbox(store, "b", 2)
    outbox(store, "c", 1)

    assert ids(claim(store, 6)) == ["a1", "b1", "c1", "a10", "b2", "a11"]


def test_the_next_claim_begins_after_the_tenant_served_last(store: SqlStore) -> None:
    """So that everybody gets a turn though a claim takes fewer than there are tenants."""
    for tenant in "abcd":
        outbox(store, tenant, 3)
    served, last = [], ""
    for _ in range(6):
        found = claim(store, 2, after=last)
        last = found[-1].tenant
        served += [one.tenant for one in found]

    assert served == list("abcdabcdabcd")


def test_of_some_accounts_only_so_many_are_taken(store: SqlStore) -> None:
    """Live ones and records together; whose account is not named has all."""
    outbox(store, "a", 4)
    outbox(store, "r", 4, clock=Clock.RECORD)
    outbox(store, "b", 3)
    rooms = {("a", "webhook"): 2, ("r", "webhook"): 1}

    assert sorted(ids(claim(store, 20, rooms=rooms))) == ["a1", "a2", "b1", "b2", "b3", "r1"]


def test_records_fill_no_more_than_their_share(store: SqlStore) -> None:
    """A live one always finds room, and goes first."""
    outbox(store, "a", 9, clock=Clock.RECORD, due_at=NOON - 60 * SECOND)
    outbox(store, "b", 2)

    claimed = claim(store, 8, records=3)

    assert Counter(one.clock for one in claimed) == {Clock.LIVE: 2, Clock.RECORD: 3}
    assert {one.clock for one in claimed[:2]} == {Clock.LIVE}


def test_an_account_that_rests_gets_nothing(store: SqlStore) -> None:
    """Other accounts go on; the store tells when there is more, and who rests."""
    outbox(store, "a", 3)
    outbox(store, "b", 1)
    resting = Account("a", "webhook", paused_until=NOON + 5 * SECOND, why="429")
    store.write("a", lambda tx: tx.accounts.save(resting))

    assert ids(claim(store, 9)) == ["b1"]
    assert store.read_any(lambda w: w.resting(NOON)) == (resting,)
    assert store.read_any(lambda w: w.next_delivery_at(NOON)) == NOON + 5 * SECOND
    assert len(claim(store, 9, NOON + 5 * SECOND)) == 3


def test_one_delivery_probes_an_account_after_its_rest(store: SqlStore) -> None:
    """Nobody else sends while it does; if its sender dies another one probes."""
    outbox(store, "a", 3)
    broken = Account("a", "webhook", failures=OPENS_AT, paused_until=NOON)
    store.write("a", lambda tx: tx.accounts.save(broken))

    assert len(claim(store, 9, NOON)) == 1
    assert claim(store, 9, NOON + LEASE / 2) == []
    assert len(claim(store, 9, NOON + LEASE)) == 1


def test_failures_are_counted_whoever_counts_them(url: str) -> None:
    """Two processes at once: an account is held from when it is read until the commit."""
    stores = [open_store(url), open_store(url)]

    def fail(tx: Transaction) -> None:
        before = tx.accounts.held("webhook")
        tx.accounts.save(replace(before, failures=before.failures + 1))

    with ThreadPoolExecutor(8) as threads:
        done = [threads.submit(stores[n % 2].write, "a", fail) for n in range(40)]
    assert [one.result() for one in done] == [None] * 40
    assert stores[0].read("a", lambda tx: tx.accounts.get("webhook")).failures == 40
    for store in stores:
        store.close()


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 5)), st.integers(1, 4))
def test_everything_is_served_once_and_evenly(waiting: dict[str, int], at_once: int) -> None:
    """Whoever has work left is never more than a turn behind another one that has."""
    store = open_store("sqlite://")
    for tenant, number in waiting.items():
        outbox(store, tenant, number)
    served, last = Counter[str](), ""
    while found := claim(store, at_once, after=last):
        last = found[-1].tenant
        served.update(one.tenant for one in found)
        behind = [served[t] for t, number in waiting.items() if served[t] < number]
        assert not behind or max(served.values()) - min(behind) <= 1
    store.close()

    assert served == {tenant: number for tenant, number in waiting.items() if number}

"""The audit chain in the database: unbroken, ordered, found by subject."""

from collections.abc import Callable
from concurrent.futures import wait
from datetime import timedelta

from handoff.domain.audit import GENESIS, ChainedEntry, content, first_break
from handoff.domain.ports import Transaction
from handoff.domain.records import Page
from handoff.store import SqlStore
from tests.factories import NOON, TENANT, entry


def exported(store: SqlStore, tenant: str = TENANT) -> list[ChainedEntry]:
    """Return the whole chain, page by page."""
    entries: list[ChainedEntry] = []
    page = Page(7)
    while True:
        listed = store.read(tenant, lambda tx, page=page: tx.audit.list(page))
        entries += listed.items
        if listed.cursor is None:
            return entries
        page = Page(7, listed.cursor)


def test_an_entry_is_read_as_it_was_chained(store: SqlStore) -> None:
    """With its actor and details."""

    def work(tx: Transaction) -> tuple[int, str]:
        tx.audit.append(entry())
        return tx.audit.head()

    sequence, head = store.write(TENANT, work)

    chained = ChainedEntry(sequence, GENESIS, head, entry())
    assert store.read(TENANT, lambda tx: tx.audit.of("e1")) == (chained,)
    assert store.read(TENANT, lambda tx: tx.audit.of("e2")) == ()


def test_many_writers_make_one_unbroken_chain(store: SqlStore) -> None:
    """Commands that share commits still follow one another."""
    wait(
        store.submit(TENANT, lambda tx, n=n: tx.audit.append(entry(subject=f"e{n}")))
        for n in range(50)
    )

    chain = exported(store)

    rows = [
        {
            **content(one.entry, one.sequence),
            "previous_hash": one.previous_hash,
            "entry_hash": one.entry_hash,
        }
        for one in chain
    ]
    assert len(rows) == 50
    assert first_break(rows) is None


def test_a_command_that_fails_leaves_no_gap(store: SqlStore) -> None:
    """Its entry goes with it, and its number to the next."""

    def failing(number: int) -> Callable[[Transaction], None]:
        def work(tx: Transaction) -> None:
            tx.audit.append(entry(subject=f"e{number}"))
            if number % 2:
                raise ValueError(number)

        return work

    wait([store.submit(TENANT, failing(number)) for number in range(10)])

    chain = exported(store)
    assert [one.sequence for one in chain] == [1, 2, 3, 4, 5]
    assert [one.entry.subject for one in chain] == ["e0", "e2", "e4", "e6", "e8"]


def test_each_tenant_has_its_own_chain(store: SqlStore) -> None:
    """Both begin at one."""
    for tenant in ("a", "b"):
        store.write(tenant, lambda tx, t=tenant: tx.audit.append(entry(tenant=t)))

    chains = [exported(store, "a"), exported(store, "b")]

    assert [[one.sequence for one in chain] for chain in chains] == [[1], [1]]


def test_since_leaves_out_what_was_before(store: SqlStore) -> None:
    """Oldest first, in pages too, also where the clock once went back."""
    for seconds in (0, 20, 10, 30):
        at = NOON + timedelta(seconds=seconds)
        store.write(TENANT, lambda tx, at=at: tx.audit.append(entry(at=at)))
    since = NOON + timedelta(seconds=10)

    first = store.read(TENANT, lambda tx: tx.audit.list(Page(2), since))
    rest = store.read(TENANT, lambda tx: tx.audit.list(Page(2, first.cursor), since))

    assert [one.sequence for one in (*first.items, *rest.items)] == [3, 2, 4]
    assert rest.cursor is None

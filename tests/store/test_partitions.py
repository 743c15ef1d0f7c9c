"""PostgreSQL's partitions: one a month, walled like the whole, made before they are needed."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Event

import psycopg
import pytest
from sqlalchemy import Connection, text

from handoff.domain.conversation import Head, month_of
from handoff.domain.errors import Conflict
from handoff.domain.ports import Transaction
from handoff.domain.worklist import Worklist
from handoff.store import SqlStore, migrate, open_store
from handoff.store.partitions import PARTED, Partition, make_ahead, months, present
from tests.factories import NOON, TENANT, card, escalation, head, put, stored
from tests.postgres import OWNER, Server
from tests.store.test_postgres import connected
from tests.store.test_upgrade import upto


@pytest.fixture
def kind() -> str:
    """Return that it is PostgreSQL, for every test here."""
    return "postgresql"


def made(store: SqlStore, at: datetime) -> tuple[Partition, ...]:
    """Return the partitions that are made for a moment."""
    return store.write_any(lambda work: make_ahead(of(work), at))


def of(work: Worklist) -> Connection:
    """Return the connection of a transaction."""
    connection: Connection = work.connection  # type: ignore[attr-defined] # the real one has it
    return connection


def lies_in(store: SqlStore, table: str) -> set[str]:
    """Return the partitions that a table's rows lie in."""
    find = text(f"SELECT DISTINCT tableoid::regclass::text FROM {table}")
    return store.read_any(lambda work: set(of(work).execute(find).scalars()))


def began(at: datetime, name: str = "c1") -> Head:
    """Return the head of a conversation that began at a moment."""
    return head(conversation_id=name, started_at=at, month=month_of(at))


def test_the_year_turns() -> None:
    """A month is a number that can be read."""
    assert months(datetime(2026, 11, 30, tzinfo=UTC)) == (202611, 202612, 202701, 202702)
    assert Partition("turns", 202612).bounds == "FOR VALUES FROM (202612) TO (202613)"


def test_there_are_partitions_for_the_months_to_come(store: SqlStore) -> None:
    """A fresh installation has them at once; making them again changes nothing."""
    now = store.clock() if store.clock else NOON
    there = store.read_any(lambda work: set(present(of(work))))

    assert {Partition(table, month) for table in PARTED for month in months(now)} <= there
    assert made(store, now) == ()


def test_what_belongs_to_a_conversation_lies_in_its_month(store: SqlStore) -> None:
    """However late it comes; and is found there."""
    now = store.clock() if store.clock else NOON
    store.write(TENANT, lambda tx: put(tx, escalation()))
    store.write(TENANT, lambda tx: tx.conversations.save(began(now, "c2")))  # type: ignore[arg-type] # a head
    later = now + timedelta(days=40)
    for name in ("c1", "c2"):
        store.write(TENANT, lambda tx, n=name: tx.conversations.add_turns(n, [stored()]))
    store.write(TENANT, lambda tx: tx.escalations.add_card(card(card_version=9), later))

    assert f"turns_{month_of(now)}" in lies_in(store, "turns")
    assert store.read(TENANT, lambda tx: len(tx.conversations.turns("c2"))) == 1
    assert store.read(TENANT, lambda tx: tx.conversations.before("c2", "t0")[1]) is not None
    assert store.read(TENANT, lambda tx: tx.escalations.card("e1", 9)) is not None


def test_a_turn_is_stored_once_whatever_month_it_is(store: SqlStore) -> None:
    """The head decides the month, once: who comes later cannot move it."""
    store.write(TENANT, lambda tx: tx.conversations.save(head()))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored()]))
    later = began(NOON + timedelta(days=40))
    store.write(TENANT, lambda tx: tx.conversations.save(later))  # type: ignore[arg-type] # a head

    found = store.read(TENANT, lambda tx: tx.conversations.head("c1"))
    with pytest.raises(Conflict):
        store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored()]))
    assert found is not None
    assert found.month == month_of(NOON)


def test_rows_without_a_partition_are_kept_and_moved(store: SqlStore) -> None:
    """Nobody made the partition in time: nothing is refused."""
    far = datetime(2031, 5, 1, tzinfo=UTC)
    store.write(TENANT, lambda tx: tx.conversations.save(began(far)))  # type: ignore[arg-type] # a head
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored()]))
    before = lies_in(store, "turns")

    made(store, far)

    assert (before, lies_in(store, "turns")) == ({"turns_other"}, {"turns_203105"})
    assert store.read(TENANT, lambda tx: len(tx.conversations.turns("c1"))) == 1


def test_a_month_that_is_being_written_to_stays(empty_url: str) -> None:
    """Who would drop it waits for another process that writes, and then sees what it wrote."""
    with (
        closing(open_store(empty_url)) as store,
        closing(open_store(empty_url)) as other,
        ThreadPoolExecutor() as threads,
    ):
        began_at = datetime(2024, 5, 1, tzinfo=UTC)
        later = began_at.replace(year=2025)
        store.write_any(lambda work: work.ageing.drop_months(began_at, (0,)))  # nothing else waits
        made(store, began_at)
        store.write(TENANT, lambda tx: tx.conversations.save(began(began_at)))
        written, let = Event(), Event()

        def late(tx: Transaction) -> None:
            tx.conversations.save(began(began_at).evolve(last_turn_at=later))
            tx.conversations.add_turns("c1", [stored()])
            assert len(tx.conversations.turns("c1")) == 1  # what was pending is written for it
            written.set()
            assert let.wait(10)

        writing = threads.submit(other.write, TENANT, late)
        assert written.wait(10)
        dropping = threads.submit(
            store.write_any, lambda work: work.ageing.drop_months(later, (202405,))
        )
        time.sleep(0.3)
        let.set()
        writing.result(10)
        dropping.result(10)

        assert store.read(TENANT, lambda tx: len(tx.conversations.turns("c1"))) == 1


@pytest.mark.parametrize("name", ["turns", "turns_before", "turns_other", "turns_203106"])
def test_a_partition_has_its_own_wall(
    store: SqlStore, postgres: Server, migrated: str, name: str
) -> None:
    """Whoever asks it by its name sees no more than through the whole."""
    made(store, datetime(2031, 6, 1, tzinfo=UTC))
    inserted = (
        f"INSERT INTO {name} (tenant, conversation_id, turn_id, position, turn, fingerprint,"
        " stored_at, after_handoff, answer) VALUES ('b', 'c1', 't', 0, '{}', '', 0, false, '{}')"
    )
    with connected(postgres.url(migrated, OWNER), "a") as connection:
        assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)  # type: ignore[arg-type] # a constant
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(inserted)  # type: ignore[arg-type] # a constant


def test_an_old_installation_keeps_its_rows(empty_url: str) -> None:
    """Its tables become the first partitions; interrupted anywhere, it is run again."""
    upto(empty_url, "0008")
    values = (
        "('a', 'c1', 't0', 1, 0, '{\"turn_id\":\"t0\",\"role\":\"customer\"}', '', 0, false, '{}')"
    )
    with connected(empty_url, "a") as older:
        older.execute(
            "INSERT INTO conversations (tenant, conversation_id, started_at, channel, attributes,"
            " control, detector, policy, stale, fresh_from, return_brief, next_index, turns)"
            " VALUES ('a', 'c1', 0, 'chat', '{}', '{}', '{}', '', false, 0, '{}', 1, 1)"
        )
        older.execute(f"INSERT INTO turns VALUES {values}")  # type: ignore[arg-type] # a constant
        older.commit()
    upto(empty_url, "0011")

    migrate(empty_url)

    store = open_store(empty_url)
    store.write("a", lambda tx: tx.conversations.add_turns("c1", [stored("t1")]))
    assert lies_in(store, "turns") == {"turns_before"}
    assert len(store.read("a", lambda tx: tx.conversations.turns("c1"))) == 2
    with pytest.raises(Conflict):
        store.write("a", lambda tx: tx.conversations.add_turns("c1", [stored("t0")]))
    store.close()


def test_an_older_service_goes_on_beside(empty_url: str) -> None:
    """It knows no months: what it writes is found with what was there before."""
    migrate(empty_url)
    with connected(empty_url, "a") as older:
        older.execute(
            "INSERT INTO conversations (tenant, conversation_id, started_at, channel, attributes,"
            " control, detector, policy, stale, fresh_from, return_brief, next_index, turns)"
            " VALUES ('a', 'c1', 0, 'chat', '{}', '{}', '{}', '', false, 0, '{}', 1, 1)"
        )
        older.execute(
            "INSERT INTO turns (tenant, conversation_id, turn_id, position, turn, fingerprint,"
            " stored_at, after_handoff, answer) VALUES ('a', 'c1', 't0', 0,"
            ' \'{"turn_id":"t0","role":"customer"}\', \'\', 0, false, \'{}\')'
        )
        older.commit()

    store = open_store(empty_url)
    assert store.read("a", lambda tx: tx.conversations.before("c1", "t0")[1]) is not None
    assert lies_in(store, "turns") == {"turns_before"}
    store.close()

"""The database as it is opened: durable, migrated, one file for all tenants that never meet."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect

from handoff.domain.errors import Conflict, HandoffError, Invalid
from handoff.domain.ports import Transaction
from handoff.domain.records import EscalationFilter, Page
from handoff.domain.worklist import Worklist
from handoff.store import SqlStore, describe, migrate, open_store
from handoff.store.side_tables import audit_entries
from handoff.store.tables import metadata
from tests.factories import TENANT, delivery, escalation, head, put, stored


def pragma(worklist: Worklist, name: str) -> object:
    """Return a setting in force on the connection of a worklist."""
    connection: Connection = worklist.connection  # type: ignore[attr-defined] # the real one has it
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def schema(url: str) -> dict[str, str]:
    """Return the SQL of every index of a database, by name, without line breaks."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).all()
    engine.dispose()
    return {name: " ".join(sql.split()) for name, sql in rows}


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """A folder that is missing, a file that is something else."""
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 100)

    with pytest.raises(Invalid, match="folder"):
        open_store(f"sqlite:///{tmp_path}/nowhere/handoff.db")
    with pytest.raises(Invalid, match="not an SQLite database"):
        migrate(f"sqlite:///{tmp_path}/letter.txt")


@pytest.mark.parametrize("transact", ["read_any", "write_any"])
def test_connections_are_durable(store: SqlStore, transact: str) -> None:
    """Every commit reaches the disk (2 is FULL), and foreign keys hold."""
    run = getattr(store, transact)

    assert run(lambda work: pragma(work, "journal_mode")) == "wal"
    assert run(lambda work: pragma(work, "synchronous")) == 2
    assert run(lambda work: pragma(work, "foreign_keys")) == 1
    assert run(lambda work: pragma(work, "busy_timeout")) == 5000


def test_the_doctor_sees_what_is_in_force(url: str) -> None:
    """Also on a database that has no tables yet."""
    before = describe(url)
    migrate(url)
    after = describe(url)

    assert (before["revision"], after["revision"]) == ("none", after["newest_revision"])
    assert (after["journal_mode"], after["synchronous"]) == ("wal", "full")


def test_migrations_make_the_tables_of_the_code(url: str) -> None:
    """Nothing to add, nothing to drop; partial indexes have the same conditions."""
    migrate(url)
    made = create_engine(f"{url}.made")
    metadata.create_all(made)
    made.dispose()

    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert audit_entries.metadata is metadata
    assert differences == []
    assert schema(url) == schema(f"{url}.made")


def test_migrating_again_changes_nothing(url: str) -> None:
    """Every start may do it."""
    migrate(url)
    before = schema(url)

    migrate(url)

    assert schema(url) == before


def test_every_table_is_keyed_by_tenant(url: str) -> None:
    """A key that names no tenant could point into another's rows."""
    migrate(url)
    engine = create_engine(url)
    tables = inspect(engine)

    loose = [
        name
        for name in tables.get_table_names()
        if name != "alembic_version"
        and "tenant" not in tables.get_pk_constraint(name)["constrained_columns"]
        and not all("tenant" in key["constrained_columns"] for key in tables.get_foreign_keys(name))
    ]
    engine.dispose()

    assert loose == []


def test_tables_of_another_version_are_not_used(url: str) -> None:
    """Unless the store may bring them up to date itself."""
    with pytest.raises(Conflict):
        open_store(url, upgrade_first=False)

    migrate(url)
    open_store(url, upgrade_first=False).close()


def test_another_database_is_refused(tmp_path: Path) -> None:
    """Said, not crashed into."""
    with pytest.raises(Invalid):
        open_store("mysql://localhost/handoff")


def test_what_was_written_survives_reopening(url: str) -> None:
    """It is in the file."""
    first = open_store(url)
    first.write(TENANT, lambda tx: tx.conversations.save(head()))
    first.close()

    again = open_store(url)

    assert again.read(TENANT, lambda tx: tx.conversations.head("c1")) == head()
    again.close()


def test_a_store_in_memory_works_the_same() -> None:
    """Readers and the writer take turns on one connection."""
    store = open_store("sqlite://")
    threads = [
        Thread(
            target=lambda name=f"c{number}": (
                store.write(TENANT, lambda tx: tx.conversations.save(head(conversation_id=name))),
                store.read(TENANT, lambda tx: tx.conversations.head(name)),
            )
        )
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    heads = store.read(
        TENANT, lambda tx: [tx.conversations.head(f"c{number}") for number in range(8)]
    )
    assert all(heads)
    store.close()


def test_a_read_cannot_write(store: SqlStore) -> None:
    """Its connection refuses, whatever the caller tries."""
    with pytest.raises(sqlite3.OperationalError):
        store.read(TENANT, lambda tx: tx.conversations.save(head()))


def test_a_reader_sees_one_moment(store: SqlStore) -> None:
    """A commit in between changes nothing for a transaction that reads already."""

    def work(tx: Transaction) -> tuple[object, object]:
        before = tx.conversations.head("c1")
        store.write(TENANT, lambda other: other.conversations.save(head()))
        return before, tx.conversations.head("c1")

    assert store.read(TENANT, work) == (None, None)
    assert store.read(TENANT, lambda tx: tx.conversations.head("c1")) == head()


def test_tenants_use_the_same_ids_apart(store: SqlStore) -> None:
    """Two tenants with equal ids each see, change and count their own."""

    def fill(tenant: str, text: str, queue: str) -> Callable[[Transaction], None]:
        def work(tx: Transaction) -> None:
            waiting = escalation(tenant=tenant, queue=queue)
            put(tx, waiting, delivery(tenant=tenant, connector=queue))
            tx.conversations.add_turns("c1", [stored(text=text)])

        return work

    store.write("a", fill("a", "from a", "red"))
    store.write("b", fill("b", "from b", "blue"))

    def seen(tx: Transaction) -> tuple[object, ...]:
        return (
            tx.conversations.turns("c1")[0].turn.text,
            tx.escalations.waiting(),
            [one.tenant for one in tx.escalations.list(EscalationFilter(), Page()).items],
            [one.connector for one in tx.deliveries.of("e1")],
        )

    assert store.read("a", seen) == ("from a", {"red": 1}, ["a"], ["red"])
    assert store.read("b", seen) == ("from b", {"blue": 1}, ["b"], ["blue"])
    assert store.read("c", lambda tx: tx.escalations.get("e1")) is None


def test_rows_cannot_belong_to_another_tenants(store: SqlStore) -> None:
    """A delivery of tenant b for an escalation of tenant a has nothing to belong to."""
    store.write("a", lambda tx: put(tx, escalation(tenant="a")))

    with pytest.raises(HandoffError):
        store.write("b", lambda tx: tx.deliveries.add(delivery(tenant="b")))

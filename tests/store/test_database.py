"""The database as it is opened: durable, migrated, one file for all tenants that never meet."""

import sqlite3
from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import create_engine, inspect

from handoff.domain.errors import Conflict, HandoffError, Invalid
from handoff.domain.ports import Transaction
from handoff.domain.records import EscalationFilter, Page
from handoff.store import SqlStore, describe, migrate, open_store
from handoff.store.partitions import PARTED
from handoff.store.side_tables import audit_entries
from handoff.store.tables import metadata
from tests.factories import TENANT, delivery, escalation, head, put, stored

INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    " AND tablename <> 'alembic_version'",
}

IN_PARTS = tuple(f"{table}_" for table in PARTED)
"""How what belongs to partitions is called: `test_partitions` looks at it."""


def driven(url: str) -> str:
    """Return a URL that names the driver."""
    return url.replace("postgresql://", "postgresql+psycopg://")


def schema(url: str) -> dict[str, str]:
    """Return the SQL of every index of a database, by name, without line breaks."""
    engine = create_engine(driven(url))
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(INDEXES[connection.dialect.name]).all()
    engine.dispose()
    return {name: " ".join(sql.split()) for name, sql in rows}


def made_by_the_code(url: str) -> dict[str, str]:
    """Return the indexes that the code's tables make, on a database beside it."""
    if url.startswith("sqlite"):
        engine = create_engine(f"{url}.made")
        metadata.create_all(engine)
        engine.dispose()
        return schema(f"{url}.made")
    engine = create_engine(driven(url), connect_args={"options": "-c search_path=made"})
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA made")
        metadata.create_all(connection)
        rows = connection.exec_driver_sql(INDEXES["postgresql"]).all()
    engine.dispose()
    return {name: " ".join(sql.split()).replace(" made.", " public.") for name, sql in rows}


def whole(indexes: dict[str, str]) -> dict[str, str]:
    """Return the indexes without those of partitioned tables, where there are such."""
    if any("USING btree" in sql for sql in indexes.values()):
        return {name: sql for name, sql in indexes.items() if not name.startswith(IN_PARTS)}
    return indexes


def is_whole(
    part: object, name: str | None, kind: str, _reflected: bool, _compared: object
) -> bool:
    """Tell whether the code's table says all about a table, an index or a constraint."""
    return kind == "column" or not (name or "").startswith(IN_PARTS) or name in PARTED


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    """Every start may do it."""
    migrate(empty_url)
    before = schema(empty_url)

    migrate(empty_url)

    assert schema(empty_url) == before


def test_the_doctor_sees_what_is_in_force(empty_url: str) -> None:
    """Also on a database that has no tables yet."""
    before = describe(empty_url)
    migrate(empty_url)
    after = describe(empty_url)

    assert (before["revision"], after["revision"]) == ("none", after["newest_revision"])


def test_migrations_make_the_tables_of_the_code(empty_url: str) -> None:
    """Nothing to add, nothing to drop; partial indexes have the same conditions."""
    migrate(empty_url)
    found, made = whole(schema(empty_url)), whole(made_by_the_code(empty_url))

    engine = create_engine(driven(empty_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": is_whole}
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert audit_entries.metadata is metadata
    assert differences == []
    assert found == made


def test_every_table_is_keyed_by_tenant(url: str) -> None:
    """A key that names no tenant could point into another's rows."""
    migrate(url)
    engine = create_engine(driven(url))
    tables = inspect(engine)

    loose = [
        name
        for name in tables.get_table_names()
        if name not in ("alembic_version", "writers")
        and "tenant" not in tables.get_pk_constraint(name)["constrained_columns"]
        and not all("tenant" in key["constrained_columns"] for key in tables.get_foreign_keys(name))
    ]
    engine.dispose()

    assert loose == []


def test_a_read_cannot_write(store: SqlStore) -> None:
    """Its connection refuses, whatever the caller tries."""
    with pytest.raises((sqlite3.OperationalError, ReadOnlySqlTransaction)):
        store.read(TENANT, lambda tx: tx.conversations.save(head()))

    assert store.read(TENANT, lambda tx: tx.conversations.head("c1")) is None


def test_tables_of_another_version_are_not_used(empty_url: str) -> None:
    """Unless the store may bring them up to date itself."""
    with pytest.raises(Conflict):
        open_store(empty_url, upgrade_first=False)

    migrate(empty_url)
    open_store(empty_url, upgrade_first=False).close()


def test_another_database_is_refused() -> None:
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

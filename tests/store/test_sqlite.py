"""What is particular about SQLite: a file, or memory, and the settings that make it durable."""

from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from threading import Thread

import pytest
from sqlalchemy import Connection

from handoff.domain.errors import Invalid, Overloaded
from handoff.domain.ports import Worklist
from handoff.store import SqlStore, describe, migrate, open_store
from handoff.store.sqlite import LOOK_MS
from tests.factories import TENANT, head
from tests.store.conftest import ON_SQLITE


def pragma(worklist: Worklist, name: str) -> object:
    """Return a setting in force on the connection of a worklist."""
    connection: Connection = worklist.connection  # type: ignore[attr-defined] # the real one has it
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """A folder that is missing, a file that is something else."""
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 100)

    with pytest.raises(Invalid, match="folder"):
        open_store(f"sqlite:///{tmp_path}/nowhere/handoff.db")
    with pytest.raises(Invalid, match="not an SQLite database"):
        migrate(f"sqlite:///{tmp_path}/letter.txt")


@ON_SQLITE
@pytest.mark.parametrize(("transact", "busy"), [("read_any", 5_000), ("write_any", LOOK_MS)])
def test_connections_are_durable(store: SqlStore, transact: str, busy: int) -> None:
    """Every commit reaches the disk (2 is FULL), foreign keys hold, a writer looks again soon."""
    run = getattr(store, transact)

    assert run(lambda work: pragma(work, "journal_mode")) == "wal"
    assert run(lambda work: pragma(work, "synchronous")) == 2
    assert run(lambda work: pragma(work, "foreign_keys")) == 1
    assert run(lambda work: pragma(work, "busy_timeout")) == busy


@ON_SQLITE
def test_the_doctor_sees_that_it_is_durable(url: str) -> None:
    """A log that is written through to the disk."""
    migrate(url)
    found = describe(url)

    assert (found["journal_mode"], found["synchronous"]) == ("wal", "full")


def test_a_writer_waits_for_another_process_as_long_as_it_was_told(tmp_path: Path) -> None:
    """What is kept for longer is refused, and writing goes on once it is let go."""
    url = f"sqlite:///{tmp_path}/handoff.db"
    with closing(open_store(url, busy_timeout=0.3)) as store, closing(connect(url[10:])) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Overloaded):
            store.write(TENANT, lambda tx: tx.conversations.save(head()))
        other.rollback()
        store.write(TENANT, lambda tx: tx.conversations.save(head()))


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


def test_a_service_starts_beside_one_that_writes(tmp_path: Path) -> None:
    """Nothing is to be done to the tables: it does not wait for the one writer there may be."""
    url = f"sqlite:///{tmp_path / 'handoff.db'}"
    open_store(url).close()

    with closing(connect(tmp_path / "handoff.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store = open_store(url, busy_timeout=0.1)
        other.execute("ROLLBACK")

    assert store.write("acme", lambda tx: tx.events.latest()) == 0
    store.close()

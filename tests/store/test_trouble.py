"""A full disk and a locked file: refused in our own words, nothing lost, and it heals."""

import resource
import sqlite3
from pathlib import Path

import pytest

from handoff.domain.errors import Overloaded, StorageFull
from handoff.domain.worklist import Worklist
from handoff.store import SqlStore, open_store
from tests.factories import TENANT
from tests.store.commands import Held, save, stored
from tests.store.conftest import ON_SQLITE

pytestmark = ON_SQLITE


def pages(store: SqlStore, most: str) -> None:
    """Set how many pages the database may have."""

    def work(worklist: Worklist) -> None:
        worklist.connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")  # type: ignore[attr-defined] # the real one has it

    store.write_any(work)


def test_a_full_disk_loses_nothing_and_heals(store: SqlStore, tmp_path: Path) -> None:
    """What was answered is there, what was refused is not, and with room it goes on."""
    pages(store, "1")  # raised to what there is
    big = {"text": "x" * 100_000}
    held = Held(store)
    futures = [store.submit(TENANT, save(f"c{n}", attributes=big)) for n in range(4)]

    held.release()
    errors = [future.exception(10) for future in futures]

    assert [type(error) for error in errors] == [StorageFull] * 4
    assert stored(store, "c0", "c1", "c2", "c3") == [False] * 4
    with pytest.raises(StorageFull):
        store.write(TENANT, save("c5", attributes=big))
    with sqlite3.connect(tmp_path / "handoff.db") as other:
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    other.close()

    pages(store, "1073741823")
    assert store.write(TENANT, save("c6", attributes=big)) == "c6"


def test_a_file_that_may_not_grow_is_a_full_disk(store: SqlStore) -> None:
    """Here it is the commit itself that fails; what was answered before stays."""
    store.write(TENANT, save("c1"))
    big = {"text": "x" * 1_000_000}

    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, unlimited[1]))
    try:
        with pytest.raises(StorageFull):
            store.write(TENANT, save("c2", attributes=big))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)

    assert store.write(TENANT, save("c3", attributes=big)) == "c3"
    assert stored(store, "c1", "c2", "c3") == [True, False, True]


def test_a_locked_database_is_overload(url: str, tmp_path: Path) -> None:
    """Another process that keeps writing makes us say: try again."""
    store = open_store(url, busy_timeout=0.05)
    other = sqlite3.connect(tmp_path / "handoff.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Overloaded):
        store.write(TENANT, save("c1"))

    assert stored(store, "c1") == [False]
    other.execute("ROLLBACK")
    other.close()
    assert store.write(TENANT, save("c1")) == "c1"
    store.close()

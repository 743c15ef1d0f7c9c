"""A database made by the first version of the tables, brought to this version's with its rows."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from handoff.store import describe, migrate, open_store
from tests.factories import TENANT, escalation, put
from tests.store.test_database import driven, schema


def upto(url: str, revision: str) -> None:
    """Make the tables as a revision had them, and no more."""
    engine = create_engine(driven(url))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "handoff.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def filled(path: Path, source: Path) -> None:
    """Copy what `source` holds of conversations and escalations into the columns there are."""
    connection = sqlite3.connect(path)
    connection.execute("ATTACH ? AS source", (str(source),))
    for table in ("conversations", "escalations"):
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
        connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM source.{table}")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("customer", [None, "cu1"])
def test_a_first_database_comes_up_to_date(tmp_path: Path, customer: str | None) -> None:
    """Through every revision in between: the rows are as they were, the indexes as the code's."""
    old, new = f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/new.db"
    kept = escalation(customer_key=customer)
    now = open_store(new)
    now.write(TENANT, lambda tx: put(tx, kept))
    now.close()
    upto(old, "0001")
    filled(tmp_path / "old.db", tmp_path / "new.db")
    before = describe(old)["revision"]

    migrate(old)

    store = open_store(old)
    found = store.read(TENANT, lambda tx: tx.escalations.get(kept.escalation_id))
    store.close()
    assert (before, describe(old)["revision"]) == ("0001", "0014")
    assert found == kept
    assert schema(old) == schema(new)

"""`handoff migrate`: says what is to come, does it, and does nothing twice."""

import json
from pathlib import Path

import pytest

from handoff.store import pending
from tests.cli.conftest import Command
from tests.postgres import Server
from tests.store.test_upgrade import upto

NEWEST = pending(None)[-1][0]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the data into a folder of the test's own."""
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def status(handoff: Command) -> tuple[int, str, list[str]]:
    """Return the exit code, the revision, and those to come."""
    code, out, _ = handoff("migrate", "status", "--json")
    told = json.loads(out)
    return code, told["revision"], [one["revision"] for one in told["to_come"]]


@pytest.mark.parametrize("command", [("migrate",), ("migrate", "up")])
def test_the_first_time_makes_the_database(
    handoff: Command, folder: Path, command: tuple[str, ...]
) -> None:
    """Asking makes nothing; afterwards nothing is to come."""
    before = status(handoff)
    assert not folder.exists()

    code, _, told = handoff(*command)

    assert (before[:2], before[2][0], before[2][-1]) == ((1, "none"), "0001", NEWEST)
    assert (code, told.strip()) == (0, f"the tables are at {NEWEST}")
    assert status(handoff) == (0, NEWEST, [])


def test_old_tables_of_postgresql_come_up_to_date(
    handoff: Command, monkeypatch: pytest.MonkeyPatch, postgres: Server
) -> None:
    """By the same command."""
    url = postgres.url(postgres.create())
    upto(url, "0003")
    monkeypatch.setenv("HANDOFF_DATABASE_URL", url)

    before = status(handoff)
    code, out, _ = handoff("migrate", "status")
    done = handoff("migrate", "up")[0]

    assert before[1:] == ("0003", [r for r, _ in pending(None) if r > "0003"])
    assert (code, done) == (1, 0)
    assert "to come: 0004  An index by which" in out
    assert status(handoff)[0] == 0

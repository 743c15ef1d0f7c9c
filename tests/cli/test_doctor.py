"""`handoff doctor`: what is wrong is found before a customer finds it."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from handoff import bootstrap
from handoff.bootstrap import build, load_settings
from handoff.cli import filesystems
from handoff.store import migrate, open_store
from tests.cli.conftest import Command
from tests.postgres import ADMIN, Server, running
from tests.receiver import Answer, Receiver, plain
from tests.summarizers.scripted import completion, story


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the data into a folder of the test's own, whatever file system that lies on."""
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(filesystems, "MOUNTS", tmp_path / "mounts")
    return tmp_path / "data"


@pytest.fixture(scope="module")
def durable() -> Iterator[Server]:
    """Return a PostgreSQL that keeps what it is given, and lets few in."""
    with running(fsync="on", full_page_writes="on", max_connections="90") as server:
        yield server


@pytest.fixture
def durable_url(durable: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the URL of a database with tables there, which the settings name."""
    name = durable.create()
    migrate(durable.url(name))
    monkeypatch.setenv("HANDOFF_DATABASE_URL", durable.url(name))
    yield durable.url(name)
    durable.drop(name)


def found(handoff: Command) -> tuple[int, dict[str, dict[str, JsonValue]]]:
    """Return the exit code and what was looked at."""
    code, out, _ = handoff("doctor", "--json")
    checks: dict[str, dict[str, JsonValue]] = json.loads(out)["checks"]
    return code, checks


def test_a_fresh_machine_is_fine_and_stays_as_it_was(handoff: Command, folder: Path) -> None:
    """Looking makes nothing."""
    code, out, _ = handoff("doctor")

    assert code == 0, out
    assert "PROBLEM" not in out
    assert not folder.exists()


def test_a_running_database_is_durable_and_up_to_date(handoff: Command) -> None:
    """Write-ahead log, every commit synced, foreign keys held, newest tables."""
    build(load_settings()).stop()

    code, checks = found(handoff)

    assert code == 0
    assert "journal_mode wal, synchronous full, foreign_keys on" in str(checks["database"])


def test_old_tables_are_a_problem(handoff: Command, folder: Path) -> None:
    """A database of another version is named with both versions."""
    build(load_settings()).stop()
    with sqlite3.connect(folder / "handoff.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()

    code, checks = found(handoff)

    assert code == 1
    assert checks["database"]["ok"] is False
    assert "its tables are at 0000, not 00" in str(checks["database"]["detail"])
    assert str(checks["database"]["detail"]).endswith("run `handoff migrate up`")


def test_tables_of_a_later_version_are_a_problem(handoff: Command, folder: Path) -> None:
    """The program is what is old then."""
    build(load_settings()).stop()
    with sqlite3.connect(folder / "handoff.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    _, checks = found(handoff)

    told = "its tables are at 9999, a later version's: update this program"
    assert checks["database"] == {"ok": False, "detail": told}


@pytest.mark.parametrize("there", ["data", "elsewhere"])
def test_sqlite_on_a_network_file_system_is_a_problem(
    handoff: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: str
) -> None:
    """Wherever the settings put the file, also before it is there; nothing is made."""
    (tmp_path / "mounts").write_text(f"nas:/x {tmp_path}/{there} nfs4 rw 0 0\n", encoding="utf-8")
    if there == "elsewhere":
        monkeypatch.setenv("HANDOFF_DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere/x.db?timeout=1")

    code, checks = found(handoff)

    assert code == 1
    assert "lies on a network file system (nfs4)" in str(checks["database"]["detail"])
    assert "Put it on a local disk (HANDOFF_DATA_DIR" in str(checks["database"]["detail"])
    assert not (tmp_path / there).exists()


@pytest.mark.parametrize(
    ("name", "value", "check", "told"),
    [
        ("HANDOFF_DATABASE_URL", "here", "database", "must be a URL: sqlite:///PATH"),
        ("HANDOFF_POLCY_FILE", "x", "settings", "HANDOFF_POLCY_FILE (HANDOFF_POLICY_FILE?)"),
        ("HANDOFF_POLICY_FILE", "/nowhere.yaml", "policy", "HANDOFF_POLICY_FILE: the policy /now"),
        (
            "HANDOFF_DATABASE_URL",
            "mysql://u:secret@x/y",
            "database",
            "HANDOFF_DATABASE_URL: the database must be SQLite or PostgreSQL",
        ),
        (
            "HANDOFF_DATA_DIR",
            "/dev/null/handoff",
            "folder",
            "HANDOFF_DATA_DIR is /dev/null/handoff",
        ),
        ("HANDOFF_PORT", "many", "settings", "HANDOFF_PORT is 'many': it should be a valid int"),
        ("HANDOFF_LEASE_S", "-1", "settings", "HANDOFF_LEASE_S is '-1': it should be greater"),
        ("HANDOFF_DISPOSITIONS", "x", "settings", "HANDOFF_DISPOSITIONS is not JSON (allowed"),
        ("HANDOFF_WEBHOOK_URL", "ftp://u:secret@x", "settings", "HANDOFF_WEBHOOK_URL: URL scheme"),
    ],
)
def test_a_mistake_is_found_and_named(
    handoff: Command,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    check: str,
    told: str,
) -> None:
    """Exit code 1, and the check that failed says why; the others are looked at all the same."""
    monkeypatch.setenv(name, value)

    code, checks = found(handoff)

    assert code == 1
    assert checks[check]["ok"] is False
    assert told in str(checks[check]["detail"])
    assert "secret" not in str(checks[check]["detail"])


def test_a_postgresql_that_forgets_is_a_problem(
    handoff: Command, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    """The one of the tests does not sync: said, and nothing else."""
    monkeypatch.setenv("HANDOFF_DATABASE_URL", postgres_url)

    code, checks = found(handoff)

    told = [one.partition(":")[0] for one in str(checks["database"]["detail"]).split("; ")]
    assert (code, told) == (1, ["fsync is off", "full_page_writes is off"])
    assert "or a power cut loses acknowledged turns" in str(checks["database"]["detail"])


def test_a_postgresql_as_it_should_be_is_fine(handoff: Command, durable_url: str) -> None:
    """It keeps what it is given, and two processes find room; its clock is this machine's."""
    stores = [open_store(durable_url) for _ in range(2)]
    code, checks = found(handoff)
    for store in stores:
        store.close()

    assert code == 0
    assert "fsync on, synchronous_commit on, full_page_writes on" in str(checks["database"])
    assert "connections 87, processes 2, connections_of_one 33" in str(checks["database"])
    assert str(checks["clocks"]["detail"]).startswith("the database is within")


def test_more_processes_than_postgresql_has_room_for_are_a_problem(
    handoff: Command, durable_url: str
) -> None:
    """They are counted as they run: a third one could be refused connections."""
    stores = [open_store(durable_url) for _ in range(3)]
    code, checks = found(handoff)
    for store in stores:
        store.close()

    told = str(checks["database"]["detail"])
    assert code == 1
    assert told.startswith("the 3 services and workers that run may open 99 connections, 33 each")
    assert "PostgreSQL lets 87 in: raise max_connections by 12 at least" in told


@pytest.mark.parametrize(("hours", "told"), [(1, "3600.0 s behind"), (-1, "3600.0 s ahead of")])
def test_a_clock_that_is_off_is_a_problem(
    handoff: Command, monkeypatch: pytest.MonkeyPatch, durable_url: str, hours: int, told: str
) -> None:
    """Said from the database's side, with what it costs."""
    off = timedelta(hours=hours)
    monkeypatch.setattr(bootstrap, "machine_time", lambda: datetime.now(UTC) + off)

    code, checks = found(handoff)

    assert code == 1
    assert f"the clock of the database is {told} this machine's" in str(checks["clocks"]["detail"])


def test_a_role_that_no_wall_stops_is_a_problem(
    handoff: Command, monkeypatch: pytest.MonkeyPatch, postgres: Server, migrated: str
) -> None:
    """The second wall between tenants would be open."""
    monkeypatch.setenv("HANDOFF_DATABASE_URL", postgres.url(migrated, ADMIN))

    _, checks = found(handoff)

    assert "row_security is off for this role" in str(checks["database"]["detail"])


def test_a_postgresql_that_is_away_is_a_problem(
    handoff: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named once, and without the password."""
    monkeypatch.setenv("HANDOFF_DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/x")

    code, checks = found(handoff)

    assert code == 1
    assert [name for name, check in checks.items() if not check["ok"]] == ["database"]
    assert "cannot be connected to" in str(checks["database"]["detail"])
    assert "secret" not in str(checks["database"]["detail"])


def test_a_secret_that_is_none_is_found(handoff: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connector's own settings are checked, and not printed."""
    monkeypatch.setenv("HANDOFF_WEBHOOK_URL", "https://receiver.example.org/")
    monkeypatch.setenv("HANDOFF_WEBHOOK_SECRET", "hunter2")

    code, checks = found(handoff)

    assert code == 1
    assert checks["connectors"]["ok"] is False
    assert "hunter2" not in str(checks)


def test_the_policy_in_force_is_named(handoff: Command, tmp_path: Path) -> None:
    """The one that was activated, and what the settings name beside it."""
    file = tmp_path / "mine.yaml"
    file.write_text("schema: handoff-policy/1\nname: mine\n", encoding="utf-8")
    _, before = found(handoff)
    handoff("policy", "activate", file, "--why", "try")
    _, after = found(handoff)
    handoff("policy", "rollback", "--why", "no")
    _, again = found(handoff)

    assert str(before["policy"]["detail"]).startswith("default@")
    assert str(after["policy"]["detail"]).startswith("mine@")
    assert "activated over default@" in str(after["policy"]["detail"])
    assert again["policy"] == before["policy"]


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        (completion(story(("x", [0]))), 0, "m1 answered"),
        (plain("401 No"), 1, "401"),
        (plain("404 No"), 1, "/v1"),
    ],
)
def test_a_model_is_asked(
    handoff: Command, monkeypatch: pytest.MonkeyPatch, answer: Answer, code: int, told: str
) -> None:
    """One small question: it must be there, let us in and answer in the form."""
    with Receiver(answer) as receiver:
        monkeypatch.setenv("HANDOFF_LLM_URL", f"http://127.0.0.1:{receiver.port}/v1")
        monkeypatch.setenv("HANDOFF_LLM_MODEL", "m1")
        monkeypatch.setenv("HANDOFF_LLM_LOCAL", "1")
        ended, checks = found(handoff)

    assert ended == code, checks
    assert told in str(checks["summarizer"]["detail"])


def test_http_to_a_model_elsewhere_names_the_setting_that_allows_it(
    handoff: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong comes with the variable to look at."""
    monkeypatch.setenv("HANDOFF_LLM_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("HANDOFF_LLM_MODEL", "m1")

    code, checks = found(handoff)

    assert code == 1
    assert "HANDOFF_LLM_LOCAL=1" in str(checks["summarizer"]["detail"])


@pytest.mark.parametrize(
    "part",
    [
        "redaction: {destinations: {webhok: {email: mask}}}",
        "routing: {queues: {general: {connectors: [webhok]}}}",
    ],
)
def test_a_policy_for_a_connector_that_is_not_there_is_a_problem(
    handoff: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    """A misspelt name would mask nothing, or deliver to nobody."""
    file = tmp_path / "mine.yaml"
    file.write_text(f"schema: handoff-policy/1\nname: mine\n{part}\n", encoding="utf-8")
    monkeypatch.setenv("HANDOFF_POLICY_FILE", str(file))

    code, checks = found(handoff)

    assert code == 1
    assert "webhok" in str(checks["connectors"]["detail"])

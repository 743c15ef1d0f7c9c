"""`handoff keys`: made once shown, listed without secrets, revoked for good."""

import json
from pathlib import Path

import pytest

from handoff.bootstrap import load_settings, opened
from handoff.domain.records import Scope
from handoff.services.door import Credential, Door, Kind
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the data into a folder of the test's own."""
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path))
    return tmp_path


def scopes_of(key: str) -> frozenset[Scope] | None:
    """Return what a key may do, None if it opens nothing."""
    with opened(load_settings()) as deps:
        who = Door(deps.store, deps.clock).recognise(Credential(Kind.KEY, key))
    return who and who.scopes


def test_a_new_key_opens_what_it_was_made_for(handoff: Command) -> None:
    """The key alone is on stdout, so that a script can take it; the warning is on stderr."""
    code, out, err = handoff("keys", "new", "--name", "bot", "--scope", "runtime")

    assert code == 0
    assert scopes_of(out.strip()) == {Scope.RUNTIME}
    assert "cannot be shown again" in err


def test_the_list_shows_no_secret_and_what_is_revoked(handoff: Command) -> None:
    """Ids, names, scopes and states."""
    made = handoff("keys", "new", "--name", "bot", "--scope", "agent", "--scope", "admin", "--json")
    key = json.loads(made[1])

    code, _, _ = handoff("keys", "revoke", key["key_id"])
    _, listed, _ = handoff("keys", "list")
    _, lines, _ = handoff("keys", "list", "--json")

    assert code == 0
    assert key["scopes"] == ["admin", "agent"]
    assert key["key"].split("_")[2] not in listed + lines
    assert "revoked" in listed
    assert json.loads(lines)["revoked_at"]
    assert scopes_of(key["key"]) is None


def test_a_key_that_is_not_there_cannot_be_revoked(handoff: Command) -> None:
    """One line, and exit code 1."""
    handoff("keys", "new", "--name", "bot", "--scope", "runtime")

    code, _, err = handoff("keys", "revoke", "000000000000")

    assert code == 1
    assert err.strip() == "handoff: no key 000000000000 that is in use"


@pytest.mark.parametrize("args", [["--name", " ", "--scope", "agent"], ["--name", "x"]])
def test_a_key_needs_a_name_and_a_scope(handoff: Command, args: list[str]) -> None:
    """Bad usage: exit code 2."""
    code, _, _ = handoff("keys", "new", *args)

    assert code == 2


def test_a_login_link_leads_to_the_service(
    handoff: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the address that people know it by."""
    monkeypatch.setenv("HANDOFF_BASE_URL", "https://desk.example.org/")
    handoff("keys", "new", "--name", "bot", "--scope", "runtime")

    code, out, _ = handoff("keys", "login", "--name", "ann", "--scope", "agent")

    assert code == 0
    assert out.startswith("https://desk.example.org/login?token=")


@pytest.mark.parametrize(
    "args",
    [("login", "--name", "ann", "--scope", "agent"), ("list",), ("revoke", "000000000000")],
)
def test_a_folder_without_a_database_is_named_and_stays_empty(
    handoff: Command, folder: Path, args: tuple[str, ...]
) -> None:
    """A link into an empty database would be good for nothing."""
    code, _, err = handoff("keys", *args, "--data", str(folder / "new"))

    assert code == 2
    assert f"there is no database in {folder / 'new'}" in err
    assert not (folder / "new").exists()

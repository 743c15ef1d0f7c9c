"""The command that lets go of what is old, as a person meets it first."""

from pathlib import Path

import pytest

from handoff.store import open_store
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the data into a folder of the test's own."""
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path))
    return tmp_path


def test_without_a_database_it_says_what_makes_one(handoff: Command) -> None:
    """It makes none itself: a folder may be mistyped."""
    code, _, err = handoff("retention", "--dry-run")

    assert code == 2
    assert "no such database: `handoff serve` makes it" in err


@pytest.mark.parametrize(("months", "told"), [("0", "kept for ever"), ("6", "nothing is old")])
def test_it_says_whether_anything_goes_at_all(
    handoff: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, months: str, told: str
) -> None:
    """Kept for ever is something else than not yet old."""
    open_store(f"sqlite:///{folder}/handoff.db").close()
    monkeypatch.setenv("HANDOFF_RETENTION_MONTHS", months)

    for options in (["--dry-run"], []):
        code, out, _ = handoff("retention", *options)

        assert code == 0
        assert told in out

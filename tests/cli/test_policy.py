"""`handoff policy`: every mistake with file and line, and which policy is in force."""

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from handoff.detection import Policy
from tests.cli.conftest import Command

GOOD = "schema: handoff-policy/1\nname: mine\n"
BAD = f"""{GOOD}signals:
  human_reqest: {{threshold: 0.5}}
rules:
  - {{id: a, when: 'score >', then: offer}}
"""


def test_a_good_policy_is_named_with_its_version(handoff: Command, tmp_path: Path) -> None:
    """One line, exit code 0."""
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD, encoding="utf-8")

    code, out, err = handoff("policy", "check", path)

    assert (code, err) == (0, "")
    assert out == f"{path}: {Policy.load(GOOD).label} is valid\n"


def test_every_mistake_is_pointed_at(handoff: Command, tmp_path: Path) -> None:
    """`FILE:LINE: cause`, one a line, exit code 1."""
    path = tmp_path / "bad.yaml"
    path.write_text(BAD, encoding="utf-8")

    code, out, _ = handoff("policy", "check", path)

    assert code == 1
    assert [line.rpartition(": ")[0][: len(str(path)) + 2] for line in out.splitlines()] == [
        f"{path}:4",
        f"{path}:6",
    ]


def test_a_machine_gets_json(handoff: Command, tmp_path: Path) -> None:
    """--json prints one object with the same content."""
    path = tmp_path / "bad.yaml"
    path.write_text(BAD, encoding="utf-8")

    code, out, _ = handoff("policy", "check", path, "--json")
    told = json.loads(out)

    assert code == 1
    assert told["file"] == str(path)
    assert told["policy"] is None
    assert len(told["problems"]) == 2


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the data into a folder of the test's own."""
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path))
    return tmp_path


def in_force(handoff: Command) -> dict[str, JsonValue]:
    """Return the row of the list that is in force."""
    rows = [json.loads(line) for line in handoff("policy", "list", "--json")[1].splitlines()]
    (active,) = [row for row in rows if row["active"]]
    return dict(active)


def test_a_policy_is_put_in_force_and_taken_back(handoff: Command, folder: Path) -> None:
    """On the data folder itself; the list says which one it is."""
    path = folder / "mine.yaml"
    path.write_text(GOOD, encoding="utf-8")
    before = in_force(handoff)

    code, _, told = handoff("policy", "activate", path, "--why", "better")
    during = in_force(handoff)
    back, _, _ = handoff("policy", "rollback", "--why", "worse")

    assert (code, back) == (0, 0)
    assert told == f"{Policy.load(GOOD).label} is in force\n"
    assert (before["version"], before["added_at"]) == (Policy.default().version, None)
    assert (during["version"], during["added_by"]) == (Policy.load(GOOD).version, "command line")
    assert in_force(handoff)["version"] == Policy.default().version
    (marked,) = [row for row in handoff("policy", "list")[1].splitlines() if "in force" in row]
    assert marked.startswith(Policy.default().version)


@pytest.mark.parametrize(
    ("text", "args", "exit_code"),
    [(BAD, ["activate", "mine.yaml", "--why", "x"], 2), (GOOD, ["rollback", "--why", "x"], 1)],
)
def test_what_cannot_be_is_told(
    handoff: Command,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    args: list[str],
    exit_code: int,
) -> None:
    """A policy with mistakes, and going back from the first one; nothing is changed."""
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)

    code, _, err = handoff("policy", *args)

    assert (code, err.startswith("handoff: ")) == (exit_code, True)
    assert in_force(handoff)["version"] == Policy.default().version


@pytest.mark.parametrize("why", [" ", "x" * 501])
def test_a_reason_is_asked_for(handoff: Command, folder: Path, why: str) -> None:
    """Bad usage without one."""
    (folder / "mine.yaml").write_text(GOOD, encoding="utf-8")

    assert handoff("policy", "activate", folder / "mine.yaml", "--why", why)[0] == 2

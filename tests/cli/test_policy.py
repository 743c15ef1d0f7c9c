"""`handoff policy check`: every mistake with file and line."""

import json
from pathlib import Path

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

"""`handoff detect`: one line of JSON per turn, in the files' order."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command, Write, said

POLICY = """
schema: handoff-policy/1
name: strict
rules:
  - {id: any-refund, when: 'turn.text.contains("refund")', then: escalate, reason: policy}
"""
TURN_KEYS = {"conversation_id", "turn_index", "action", "score", "reasons"}
REASON_KEYS = {"signal", "rule", "strength", "value", "threshold", "turns"}


def lines(out: str) -> list[dict[str, object]]:
    """Return the records of an output."""
    return [json.loads(line) for line in out.splitlines()]


def test_each_turn_gets_a_line_in_order(handoff: Command, write: Write) -> None:
    """Files in the order given, conversations as in the file, every turn with all keys."""
    first = write("a.jsonl", said("Hello", "I want to talk to a human", name="one"))
    second = write("b.jsonl", said("Hello", "Hi", name="two"))

    code, out, err = handoff("detect", first, second)
    found = lines(out)

    assert (code, err) == (0, "")
    assert [(line["conversation_id"], line["turn_index"]) for line in found] == [
        ("one", 0),
        ("one", 1),
        ("two", 0),
        ("two", 1),
    ]
    assert [line["action"] for line in found] == ["continue", "escalate", "continue", "continue"]
    assert all(set(line) == TURN_KEYS for line in found)
    reasons = found[1]["reasons"]
    assert isinstance(reasons, list)
    assert reasons
    assert all(set(reason) == REASON_KEYS for reason in reasons)


def test_another_policy_decides_otherwise(handoff: Command, write: Write, tmp_path: Path) -> None:
    """--policy replaces the shipped one."""
    policy = tmp_path / "strict.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    path = write("a.jsonl", said("Hello", "a refund please"))

    _, shipped, _ = handoff("detect", path)
    code, strict, _ = handoff("detect", path, "--policy", policy)

    assert code == 0
    assert [line["action"] for line in lines(shipped)] == ["continue", "continue"]
    assert [line["action"] for line in lines(strict)] == ["continue", "escalate"]


def test_a_bad_policy_is_told_with_its_lines(
    handoff: Command, write: Write, tmp_path: Path
) -> None:
    """Exit code 2: one line, then the mistakes; nothing is detected."""
    policy = tmp_path / "bad.yaml"
    policy.write_text(POLICY.replace("escalate", "shout"), encoding="utf-8")

    code, out, err = handoff("detect", write("a.jsonl", said("Hello")), "--policy", policy)

    assert (code, out) == (2, "")
    assert err.splitlines()[0] == "handoff: the policy has 1 mistake(s)"
    assert err.splitlines()[1].startswith(f"{policy}:5: ")


def test_a_bad_line_is_told_and_the_rest_goes_on(handoff: Command, write: Write) -> None:
    """Exit code 1, the complaint on stderr, the good lines on stdout."""
    path = write("a.jsonl", b"{", said("Hello", name="good"))

    code, out, err = handoff("detect", path)

    assert code == 1
    assert [line["conversation_id"] for line in lines(out)] == ["good"]
    assert err.startswith(f"{path}:1: not JSON")


def test_a_reader_that_leaves_ends_the_command_quietly(write: Write) -> None:
    """`handoff detect … | head -1` prints one line and nothing else."""
    path = write("a.jsonl", *[said(*["Hello"] * 40, name=f"c{i}") for i in range(200)])
    process = subprocess.Popen(
        [sys.executable, "-m", "handoff.cli.main", "detect", str(path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr

    first = process.stdout.readline()
    process.stdout.close()
    complaints = process.stderr.read()
    process.stderr.close()

    assert json.loads(first)["conversation_id"] == "c0"
    assert (process.wait(timeout=60), complaints) == (0, b"")


@pytest.mark.parametrize("command", ["detect", "card"])
def test_labels_and_outcomes_change_nothing(command: str, handoff: Command, tmp_path: Path) -> None:
    """Real files, and the same without their gold, give the same output."""
    data = Path(__file__).parents[2] / os.environ.get("SHARED", "../shared") / "data"
    if not data.is_dir():
        pytest.skip(f"needs the shared data in {data}")
    full, stripped = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    with full.open("wb") as whole, stripped.open("w", encoding="utf-8") as bare:
        for path in sorted(data.glob("*.jsonl")):
            for line in path.read_bytes().splitlines()[:8]:
                whole.write(line + b"\n")
                bare.write(json.dumps(_without_gold(json.loads(line))) + "\n")

    with_gold = handoff(command, full)
    without = handoff(command, stripped)

    assert with_gold[:2] == without[:2]  # what goes to stderr tells how far a slow machine was
    assert with_gold[0] == 0


def _without_gold(conversation: dict[str, object]) -> dict[str, object]:
    conversation.pop("outcome")
    turns = conversation["turns"]
    assert isinstance(turns, list)
    for turn in turns:
        turn.pop("label")
    return conversation

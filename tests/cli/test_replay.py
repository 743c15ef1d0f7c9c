"""`handoff policy replay`: what a policy would have done, and what that changes."""

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from tests.cli.conftest import Command, Write

HEAD = "schema: handoff-policy/1\nname: {name}\nrules:\n"
RULE = "  - {{id: {id}, when: 'turn.text.contains(\"{word}\")', then: escalate, reason: policy}}\n"


def policy(folder: Path, name: str, *words: str) -> Path:
    """Write a policy that escalates on words, and return its path."""
    path = folder / f"{name}.yaml"
    rules = "".join(RULE.format(id=f"on-{word}", word=word) for word in words)
    path.write_text(HEAD.format(name=name) + (rules or "  []\n"), encoding="utf-8")
    return path


def call(name: str, *texts: str, handed_off: bool | None = None, job: str = "a") -> JsonValue:
    """Return a conversation in which only the customer speaks."""
    turns: list[JsonValue] = [{"role": "user", "text": text} for text in texts]
    return {"id": name, "source": "calls", "job": job, "turns": turns,
            "outcome": {"handed_off": handed_off}}  # fmt: skip


@pytest.fixture
def calls(write: Write) -> Path:
    """Return three calls in two jobs."""
    return write(
        "calls.jsonl",
        call("refund", "hello", "a refund", "now a parcel", handed_off=True),
        call("parcel", "my parcel", handed_off=False),
        call("thanks", "thank you", handed_off=False, job="b"),
    )


def test_what_changes_as_json(handoff: Command, calls: Path, tmp_path: Path) -> None:
    """Turn, rule and signal of either policy; sums by job; precision and recall."""
    old, new = policy(tmp_path, "old", "parcel"), policy(tmp_path, "new", "refund")

    code, out, err = handoff("policy", "replay", new, calls, "--against", old, "--json")
    told = json.loads(out)

    assert (code, err) == (0, "")
    assert (told["policy"][:4], told["against"][:4]) == ("new@", "old@")
    refund, parcel = told["conversations"]
    assert (refund["change"], parcel["change"]) == ("earlier", "only_old")
    assert (refund["new"]["turn_index"], refund["old"]["turn_index"]) == (1, 2)
    assert refund["new"]["reasons"][0]["rule"] == "on-refund"
    assert refund["turns"] == [
        {"turn_index": 1, "old": "continue", "new": "escalate"},
        {"turn_index": 2, "old": "escalate", "new": "continue"},
    ]
    assert [row["job"] for row in told["jobs"]] == ["a", "b"]
    assert (told["total"]["old"]["precision"], told["total"]["new"]["precision"]) == (0.5, 1.0)
    assert told["total"]["escalated"] == {"old": 2, "new": 1}


def test_tables_for_people(handoff: Command, calls: Path, tmp_path: Path) -> None:
    """By job, and each conversation that differs with its turn and why."""
    old, new = policy(tmp_path, "old", "parcel"), policy(tmp_path, "new", "refund")

    code, out, _ = handoff("policy", "replay", new, calls, "--against", old)

    assert code == 0
    assert out.startswith("new@")
    assert "2 → 1" in out
    assert "0.50 → 1.00" in out
    assert "2: policy (rule on-refund)" in out
    assert "only old" in out


def test_nothing_differs(handoff: Command, calls: Path, tmp_path: Path) -> None:
    """A policy against itself has no list of conversations."""
    same = policy(tmp_path, "same", "refund")

    _, shown, _ = handoff("policy", "replay", same, calls, "--against", same)
    _, out, _ = handoff("policy", "replay", same, calls, "--against", same, "--json")

    assert "conversation" not in shown
    assert [one["change"] for one in json.loads(out)["conversations"]] == ["same"]


def test_the_policy_in_force_is_the_settings_one(
    handoff: Command, calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HANDOFF_POLICY_FILE if it is set, else the shipped one; --against stands above both."""
    new, other = policy(tmp_path, "new", "refund"), policy(tmp_path, "other")
    monkeypatch.delenv("HANDOFF_POLICY_FILE", raising=False)

    def against(*more: str | Path) -> str:
        out = handoff("policy", "replay", new, calls, "--json", *more)[1]
        return str(json.loads(out)["against"]).partition("@")[0]

    assert against() == "default"
    monkeypatch.setenv("HANDOFF_POLICY_FILE", str(policy(tmp_path, "forced", "parcel")))
    assert against() == "forced"
    assert against("--against", other) == "other"


def test_a_bad_line_is_told_and_the_rest_goes_on(
    handoff: Command, write: Write, tmp_path: Path
) -> None:
    """Exit code 1."""
    path = write("a.jsonl", b"{", call("one", "a refund"))

    code, out, err = handoff("policy", "replay", policy(tmp_path, "new", "refund"), path, "--json")

    assert code == 1
    assert err.startswith(f"{path}:1: not JSON")
    assert json.loads(out)["total"]["conversations"] == 1


def test_hostile_names_do_not_reach_the_terminal(
    handoff: Command, write: Write, tmp_path: Path
) -> None:
    """Control characters and markup of a file are shown as letters."""
    path = write("a.jsonl", call("\x1b[31mred", "a refund", job="[bold]x\x1b]0;"))

    code, out, _ = handoff("policy", "replay", policy(tmp_path, "new", "refund"), path)

    assert code == 0
    assert "\x1b" not in out
    assert "[bold]x" in out


@pytest.mark.parametrize(
    "args", [[], ["{good}"], ["missing.yaml", "{calls}"], ["{good}", "missing.jsonl"]]
)
def test_bad_usage_is_one_line(
    args: list[str], handoff: Command, calls: Path, tmp_path: Path
) -> None:
    """Exit code 2, nothing on stdout."""
    good = policy(tmp_path, "good", "refund")

    code, out, err = handoff("policy", "replay", *(a.format(good=good, calls=calls) for a in args))

    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_a_policy_with_mistakes_is_told_with_its_lines(
    handoff: Command, calls: Path, tmp_path: Path
) -> None:
    """Exit code 2, whichever of the two it is."""
    good, bad = policy(tmp_path, "good", "refund"), tmp_path / "bad.yaml"
    bad.write_text("schema: handoff-policy/1\nname: bad\nrulez: []\n", encoding="utf-8")

    for args in ([bad, calls], [good, calls, "--against", bad]):
        code, out, err = handoff("policy", "replay", *args)

        assert (code, out) == (2, "")
        assert err.splitlines()[1].startswith(f"{bad}:3: ")

"""`handoff evaluate`: figures by source and job, from labels that nobody else reads."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pydantic import JsonValue

from tests.cli.conftest import Command, Write

ASKS = "I want to talk to a human"


def ended(name: str, *, handed_off: bool | None, says: str, job: str = "a") -> dict[str, JsonValue]:
    """Return a conversation of two turns with its outcome."""
    turns: list[JsonValue] = [{"role": "agent", "text": "Hello"}, {"role": "user", "text": says}]
    outcome: JsonValue = {"handed_off": handed_off}
    return {"id": name, "source": "calls", "job": job, "turns": turns, "outcome": outcome}


@pytest.fixture
def calls(write: Write) -> Path:
    """Return a file: one alarm is right, one is false, one is missing."""
    return write(
        "calls.jsonl",
        ended("1", handed_off=True, says=ASKS),
        ended("2", handed_off=False, says=ASKS),
        ended("3", handed_off=True, says="Where is my order?", job="b"),
        ended("4", handed_off=False, says="Thank you", job="b"),
    )


def test_figures_by_source_and_job_as_json(handoff: Command, calls: Path) -> None:
    """One object: a row for the source, one per job."""
    code, out, err = handoff("evaluate", calls, "--bootstrap", "50", "--json")
    told = json.loads(out)

    assert (code, err) == (0, "")
    assert [(row["source"], row["job"]) for row in told["rows"]] == [
        ("calls", None),
        ("calls", "a"),
        ("calls", "b"),
    ]
    whole = told["rows"][0]
    assert whole["by_action"]["precision"] == whole["by_action"]["recall"] == 0.5
    assert whole["score"] == {
        "auc": 0.5,
        "se": whole["score"]["se"],
        "positives": 2,
        "negatives": 2,
    }
    assert whole["alarms_per_1000_turns"] == 250.0
    assert set(whole["intervals"]) >= {"auc", "f1", "alarms_per_1000_turns"}


def test_a_table_for_people(handoff: Command, calls: Path) -> None:
    """What was done, and what it is worth; a dash where nothing can be said."""
    code, out, _ = handoff("evaluate", calls, "--bootstrap", "0")

    assert code == 0
    done, worth = (line.split() for line in out.splitlines() if line.split()[:1] == ["calls"])
    assert done == ["calls", "4", "8", "50.0%", "0.0%", "250.0", "0"]
    assert worth == ["calls", "0.50", "0.50", "0.50", "1/2", "0.50", "0.50", "–"]


def test_files_without_gold_still_tell_their_alarms(handoff: Command, write: Write) -> None:
    """OpenAI-style messages know no outcome; the source is the file's name."""
    path = write("chats.jsonl", {"messages": [{"role": "user", "content": ASKS}]})

    code, out, _ = handoff("evaluate", path, "--json")
    [row] = json.loads(out)["rows"]

    assert code == 0
    assert (row["source"], row["alarms"], row["score"], row["by_action"]) == (
        "chats",
        1,
        None,
        None,
    )


def test_the_detector_never_sees_the_gold(handoff: Command, calls: Path, write: Write) -> None:
    """The same conversations with the opposite outcome: the same decisions, the opposite worth."""
    records = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
    for record in records:
        record["outcome"]["handed_off"] = not record["outcome"]["handed_off"]
    turned = write("turned.jsonl", *records)

    plain, other = (
        json.loads(handoff("evaluate", path, "--json")[1])["rows"][2] for path in (calls, turned)
    )

    assert plain["escalated_fraction"] == other["escalated_fraction"]
    assert (plain["by_action"]["fn"], other["by_action"]["fn"]) == (1, 1)
    assert plain["score"]["auc"] == 1 - other["score"]["auc"]


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        ({"turns": [{"role": "user", "label": "yes"}]}, "turns[0].label is not an object"),
        ({"turns": [], "outcome": ["won"]}, "`outcome` is not an object"),
    ],
)
def test_unreadable_gold_is_told_and_skipped(
    broken: dict[str, JsonValue], cause: str, handoff: Command, write: Write
) -> None:
    """`FILE:LINE: cause`, exit code 1; the rest is measured. `detect` does not even look."""
    path = write("a.jsonl", broken, ended("1", handed_off=True, says=ASKS))

    code, out, err = handoff("evaluate", path, "--json")

    assert (code, err) == (1, f"{path}:1: {cause}\n")
    assert json.loads(out)["rows"][0]["conversations"] == 1
    assert handoff("detect", path)[0] == 0


def test_another_policy_and_threshold(handoff: Command, calls: Path, tmp_path: Path) -> None:
    """--policy decides, --threshold says what score is a yes; the label tells which it was."""
    policy = tmp_path / "quiet.yaml"
    policy.write_text("schema: handoff-policy/1\nname: quiet\nscore: {bias: -20}\n")

    code, out, _ = handoff(
        "evaluate", calls, "--policy", policy, "--threshold", "0.0", "--bootstrap", "0", "--json"
    )
    told = json.loads(out)

    assert code == 0
    assert told["policy"].startswith("quiet@")
    assert told["rows"][0]["at_threshold"]["recall"] == 1.0
    assert told["rows"][0]["intervals"] == {}


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_pictures_are_written(kind: str, handoff: Command, calls: Path, tmp_path: Path) -> None:
    """One per source, the same bytes every time; a name out of a file stays a name."""
    pytest.importorskip("matplotlib")
    hostile = tmp_path / "x.jsonl"
    record = {**ended("1", handed_off=None, says="$\\frac{"), "source": "../$up_{"}
    hostile.write_text(json.dumps(record), encoding="utf-8")
    folder = tmp_path / "plots"
    command = ("evaluate", calls, hostile, "--plots", folder, "--plot-format", kind)

    code, _, err = handoff(*command)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    handoff(*command)

    assert code == 0
    assert sorted(first) == [f"calls.{kind}", f"up.{kind}"]
    assert err.splitlines() == [f"wrote {folder / name}" for name in sorted(first)]
    assert first == {path.name: path.read_bytes() for path in folder.iterdir()}
    if kind == "svg":
        assert ElementTree.fromstring(first["calls.svg"]).tag.endswith("svg")
    else:
        assert first["calls.png"].startswith(b"\x89PNG")


def test_without_matplotlib_plots_are_refused_at_once(
    handoff: Command, calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that says what to install, exit code 2; figures alone need nothing."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "handoff.evaluation.plots", raising=False)

    code, out, err = handoff("evaluate", calls, "--plots", tmp_path / "plots")

    assert (code, out) == (2, "")
    assert err == "handoff: matplotlib is missing; install the extra: pip install '.[evaluate]'\n"
    assert handoff("evaluate", calls)[0] == 0


def test_a_folder_that_cannot_be_made_is_one_line(handoff: Command, calls: Path) -> None:
    """Exit code 2."""
    pytest.importorskip("matplotlib")

    code, _, err = handoff("evaluate", calls, "--plots", calls / "below")

    assert code == 2
    assert err.startswith(f"handoff: {calls}")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["missing.jsonl"],
        ["--threshold", "2"],
        ["--bootstrap", "-1"],
        ["--bootstrap", "many"],
        ["--plot-format", "gif"],
        ["--policy", "missing.yaml"],
    ],
)
def test_bad_usage_is_one_line(args: list[str], handoff: Command, calls: Path) -> None:
    """Exit code 2, nothing on stdout."""
    files = [calls] if args and args[0].startswith("--") else []

    code, out, err = handoff("evaluate", *files, *args)

    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_nothing_but_bad_lines_is_bad_usage(handoff: Command, write: Write) -> None:
    """There is nothing to measure."""
    code, out, err = handoff("evaluate", write("a.jsonl", b"{"))

    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == "handoff: no conversation could be read"

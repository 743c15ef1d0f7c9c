"""`handoff learn`: a policy with what was learned in it, and everything else as it was."""

import json
import sys
from pathlib import Path

import pytest
from pydantic import JsonValue

from handoff.cli.learn import written
from handoff.detection import Policy
from handoff.detection.document import Learned, LearnedModel
from handoff.detection.policy import default_text
from tests.cli.conftest import Command, Write

BASE = """# Ours, do not touch.
schema: handoff-policy/1
name: mine
score: {bias: -2.0} # careful
learned:
  label: of old
  trained: '2020-01-01'
  conversations: 1
  gained: nothing

  model: {}
# What storms are.
storm: {incident_at: 7}
"""
FOUND = Learned(
    label="x: y # z", trained="2026-05-04", conversations=3, gained="a", model=LearnedModel(bias=-1)
)


def ended(n: int, source: str = "calls") -> dict[str, JsonValue]:
    """Return a call; in every second one something is broken, and a person takes over."""
    bad = n % 2 == 0
    says = f"my order {n % 7} is {'broken' if bad else 'fine'}"
    turns: list[JsonValue] = [
        {"index": at, "role": "user" if at % 2 else "agent", "text": says if at % 2 else "Hello"}
        for at in range(8)
    ]
    return {"id": str(n), "source": source, "turns": turns, "outcome": {"handed_off": bad}}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try one way to fit, the linear one."""
    fitting = pytest.importorskip("handoff.evaluation.fitting", exc_type=ModuleNotFoundError)
    monkeypatch.setattr(fitting, "KINDS", fitting.KINDS[1:2])


@pytest.fixture
def calls(write: Write) -> Path:
    """Return a file of forty calls."""
    return write("calls.jsonl", *map(ended, range(40)))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return where the policy goes."""
    return tmp_path / "learned.yaml"


def test_a_policy_is_written_that_the_check_accepts(
    handoff: Command, calls: Path, out: Path
) -> None:
    """With the shipped one's comments; it says what it learned and how good that is."""
    code, said, err = handoff("learn", calls, "--out", out)
    label = Policy.load(out.read_text(encoding="utf-8")).label

    assert (code, err) == (0, "")
    told, wrote = said.splitlines()
    assert told.startswith("a person takes over within 6 turns: AUC 1.000, F1 1.000 at 0.5, 5-fold")
    assert wrote.startswith(f"wrote {out}: {label}, ")
    assert handoff("policy", "check", out)[:2] == (0, f"{out}: {label} is valid\n")
    assert out.read_text(encoding="utf-8").startswith(default_text().rstrip())
    assert out.stat().st_size <= 500_000


def test_what_it_learned_decides(handoff: Command, calls: Path, out: Path) -> None:
    """Where something is broken a person is called."""
    handoff("learn", calls, "--out", out)

    told = json.loads(handoff("evaluate", calls, "--policy", out, "--json")[1])

    assert told["rows"][0]["score"]["auc"] == 1.0


def test_labels_never_reach_the_detector(
    handoff: Command, calls: Path, out: Path, write: Write
) -> None:
    """Without outcomes and sources the learned policy says the same."""
    handoff("learn", calls, "--out", out)
    bare = [{"id": ended(n)["id"], "turns": ended(n)["turns"]} for n in range(40)]
    stripped = write("stripped.jsonl", *bare)

    plain, labelled = (handoff("detect", path, "--policy", out) for path in (stripped, calls))

    assert plain == labelled
    assert (plain[0], plain[2], len(plain[1].splitlines()) > 0) == (0, "", True)


def test_a_learned_part_is_replaced_and_the_rest_stays() -> None:
    """With its comments, also what stands below it."""
    text = written(BASE, FOUND)

    loaded = Policy.load(text).document
    assert loaded.learned == FOUND
    assert (loaded.score.bias, loaded.storm.incident_at if loaded.storm else None) == (-2, 7)
    assert all(
        comment in text for comment in ("# Ours, do not touch.", "# careful", "# What storms are.")
    )
    assert text.count("learned:") == 1
    assert written(text, FOUND) == text


def test_everything_a_model_has_is_read_back_as_it_was() -> None:
    """Long texts are folded, numbers may be tiny."""
    model = LearnedModel(
        reads=["customer", "bot"],
        bias=-1e-5,
        numbers={"c1f+": [0.0, 1e-7, -3.0]},
        grams=" ".join(f"{n:x}:-1:0:2" for n in range(500)),
        tree_numbers=["linear"],
        trees=["-0.5", "0:1e-05 -1 1"],
    )
    found = FOUND.model_copy(update={"model": model, "jobs": {"on": model, "7": model}})

    assert Policy.load(written(default_text(), found)).document.learned == found


def test_a_machine_gets_json(handoff: Command, calls: Path, out: Path) -> None:
    """A label of one's own, one line."""
    condition = "outcome.handed_off == false"

    code, said, err = handoff("learn", calls, "--out", out, "--label", condition, "--json")
    told = json.loads(said)

    assert (code, err) == (0, "")
    assert (told["file"], told["label"], told["jobs"]) == (str(out), condition, [])
    assert told["gained"].startswith("AUC 1.000")


def test_sources_with_different_labels_are_refused(
    handoff: Command, out: Path, write: Write
) -> None:
    """Nothing is written; with a label of one's own they are one."""
    mixed = write("mixed.jsonl", *(ended(n, "star" if n % 3 else "calls") for n in range(60)))

    code, said, err = handoff("learn", mixed, "--out", out)

    assert (code, said, out.exists()) == (2, "", False)
    assert err == (
        "handoff: the files are of sources with different labels: learn one, or give --label\n"
    )
    assert handoff("learn", mixed, "--out", out, "--label", "outcome.handed_off")[0] == 0


def test_without_scikit_learn_it_says_what_to_install(
    handoff: Command, calls: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, exit code 2; detecting by what was learned needs nothing."""
    handoff("learn", calls, "--out", out)
    for name in ("learning", "fitting", "samples"):
        monkeypatch.delitem(sys.modules, f"handoff.evaluation.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)

    code, said, err = handoff("learn", calls, "--out", out)

    assert (code, said) == (2, "")
    assert err == "handoff: sklearn is missing; install the extra: pip install '.[learn]'\n"
    assert handoff("detect", calls, "--policy", out)[0] == 0


@pytest.mark.parametrize(
    ("args", "cause"),
    [
        (["--out", "here.yaml", "--label", "outcome."], "--label is not CEL: "),
        (["--out", "."], ". is no file that can be written"),
        (["--out", "here.yaml", "--policy", "missing.yaml"], "missing.yaml: "),
        (["--out", "here.yaml", "--label", "outcome.never"], "too little to learn from: 0 conv"),
        (["--out", "missing/here.yaml"], "missing/here.yaml is no file that can be written"),
        ([], "Missing option '--out'"),
    ],
)
def test_bad_usage_is_one_line(
    args: list[str], cause: str, handoff: Command, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, nothing on stdout."""
    monkeypatch.chdir(calls.parent)

    code, said, err = handoff("learn", calls, *args)

    assert (code, said) == (2, "")
    assert err.startswith(f"handoff: {cause}")
    assert len(err.splitlines()) == 1


def test_a_line_that_cannot_be_read_is_skipped(handoff: Command, out: Path, write: Write) -> None:
    """Told with its place; exit code 1."""
    path = write("a.jsonl", b"{", *map(ended, range(40)))

    code, _, err = handoff("learn", path, "--out", out)

    assert (code, len(err.splitlines()), out.exists()) == (1, 1, True)

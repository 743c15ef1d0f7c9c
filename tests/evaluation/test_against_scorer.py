"""The figures equal those of the shared scorer on what `handoff detect` prints."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, handoff

__all__ = ["handoff"]

SHARED = Path(__file__).parents[2] / os.environ.get("SHARED", "../shared")
SCORER = SHARED / "tools" / "score_detect.py"
EVERYWHERE = (
    "conversations",
    "turns",
    "escalated_conversations",
    "escalated_fraction",
    "offered_fraction",
    "alarms_per_1000_turns",
    "median_turns_before_end_of_first_escalate",
)
Figures = dict[str, Any]
Both = Callable[[str], tuple[Figures, list[Figures]]]

pytestmark = pytest.mark.skipif(not SCORER.is_file(), reason=f"needs the shared tools in {SHARED}")


@pytest.fixture
def both(handoff: Command, tmp_path: Path) -> Both:
    """Return a function that gives the scorer's figures of a file's source, and ours."""

    def _both(name: str) -> tuple[Figures, list[Figures]]:
        path = SHARED / "data" / name
        decided = tmp_path / "decided.jsonl"
        decided.write_text(handoff("detect", path)[1], encoding="utf-8")
        told = subprocess.run(
            [sys.executable, str(SCORER), str(path), str(decided)],
            capture_output=True,
            check=True,
        )
        [theirs] = json.loads(told.stdout)["sources"].values()
        code, out, _ = handoff("evaluate", path, "--bootstrap", "0", "--json")
        assert code == 0
        return theirs, [row for row in json.loads(out)["rows"] if row["job"] is None]

    return _both


def test_utterances(both: Both) -> None:
    """By action, with offers, the score's area, and what every source has."""
    theirs, [ours] = both("rasa-apache-dev.jsonl")

    assert ours["by_action"] == {key: theirs[key] for key in ours["by_action"]}
    assert ours["offer_counts_too"] == theirs["offer_counts_too"]
    assert ours["score"] == theirs["score"]
    assert {key: ours[key] for key in EVERYWHERE} == {key: theirs["all"][key] for key in EVERYWHERE}


@pytest.mark.parametrize("name", ["tau-airline-dev.jsonl", "star-dev.jsonl"])
def test_conversations(name: str, both: Both) -> None:
    """Every reading of the score, the threshold, the actions, the natural rate."""
    theirs, [ours] = both(name)
    readings = {key[6:]: value for key, value in theirs.items() if key.startswith("score_")}
    score = theirs.get("score", readings.pop("last_turn", None))

    assert ours["score"] == score
    assert ours["also"] == readings
    assert ours["at_threshold"] == theirs["at_threshold"]
    assert ours["by_action"] == theirs["by_action"]
    natural = "escalated_fraction_at_natural_rates"
    assert ours[natural] == theirs.get(natural)
    assert {key: ours[key] for key in EVERYWHERE} == {key: theirs["all"][key] for key in EVERYWHERE}


def test_bot_turns_by_language(both: Both) -> None:
    """dbdc3 is scored apart for English and Japanese."""
    theirs, ours = both("dbdc3-dev.jsonl")

    assert [row["source"] for row in ours] == ["dbdc3-en", "dbdc3-ja"]
    for row, language in zip(ours, ("en", "ja"), strict=True):
        assert row["score"] == theirs[language]["score"]
        assert row["also"] == {"against_T_or_X": theirs[language]["score_against_T_or_X"]}
        assert row["at_threshold"] == theirs[language]["at_threshold"]

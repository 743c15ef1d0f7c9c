"""The default policy on recorded conversations, whose labels it never sees."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.detection import Detector, Policy
from handoff.domain.turn import Turn

DATA = Path(os.environ.get("SHARED", "../shared")) / "data"
DETECTOR = Detector(Policy.default())


def judged(source: str) -> Iterator[tuple[bool, bool]]:
    """Yield whether each utterance escalated, and whether people say that it asks for a person."""
    path = DATA / f"{source}-dev.jsonl"
    if not path.exists():
        pytest.skip(f"needs {path}: set SHARED")
    for line in path.read_text(encoding="utf-8").splitlines():
        state = DETECTOR.start()
        for spoken in json.loads(line)["turns"]:
            turn = Turn(turn_id="t", role="customer", text=spoken["text"], index=spoken["index"])
            state, decision = DETECTOR.observe(state, turn)
            yield decision.action == "escalate", bool(spoken["label"]["handoff"])


@pytest.mark.parametrize(
    ("source", "reached"), [("nlupp", 0.92), ("rasa-apache", 0.95), ("bitext", 0.96)]
)
def test_requests_for_a_person_are_found(source: str, reached: float) -> None:
    """F1, positive being an escalation."""
    pairs = list(judged(source))

    hits = sum(said and meant for said, meant in pairs)
    assert 2 * hits / sum(said + meant for said, meant in pairs) >= reached


@pytest.mark.parametrize(("source", "most"), [("banking77", 1), ("clinc150", 5), ("multidogo", 1)])
def test_other_questions_raise_no_alarm(source: str, most: int) -> None:
    """Nobody asked for a person there."""
    assert sum(said for said, _ in judged(source)) <= most

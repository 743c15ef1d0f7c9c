"""`make evaluate`: rows from made-up data, and what is said where the data is missing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.evaluation import measures
from tests.evaluation.__main__ import DOCUMENTS, PARTS, filled, main, markdown
from tests.evaluation.measures import Data, Row

DAY = datetime(2026, 5, 4, tzinfo=UTC)
ROWS = [Row("F1", "0.9", "≥ 0.8", met=True), Row("alarms", "7", "≤ 5", met=False)]


def utterance(number: int, text: str, *, handoff: bool) -> str:
    """Return a line of a data set of utterances."""
    turn = {"index": 0, "role": "user", "text": text, "label": {"handoff": handoff}}
    record = {"id": f"u{number}", "source": "nlupp", "turns": [turn]}
    return json.dumps(record)


def test_a_row_from_a_data_set(tmp_path: Path) -> None:
    """Two wishes for a person, one of them heard, and no false alarm: F1 is 2/3."""
    lines = [
        utterance(1, "I want to talk to a human", handoff=True),
        utterance(2, "mumble mumble", handoff=True),
        utterance(3, "What is my balance?", handoff=False),
    ]
    for name in ("nlupp", "rasa-apache", "bitext"):
        (tmp_path / f"{name}-dev.jsonl").write_text("\n".join(lines), encoding="utf-8")

    row = next(measures.requests(Data(tmp_path, times=0)))

    assert (row.measure, row.found) == ("request for a person, nlupp: F1", "0.667")
    assert not row.met


def test_each_escalation_can_be_read(tmp_path: Path) -> None:
    """Turn, reason, and the words it rests on."""
    (tmp_path / "evi-dev.jsonl").write_text(
        utterance(1, "I want to talk to a human", handoff=True), encoding="utf-8"
    )
    (tmp_path / "getgoing-dev.jsonl").write_text(
        utterance(2, "Where to?", handoff=False), encoding="utf-8"
    )

    [line] = measures.reasons(Data(tmp_path))

    assert line.startswith("u1 turn 0: customer_requests_human_no_specific_reason, human_request")
    assert line.endswith("(customer-asks): customer: I want to talk to a human")


def test_a_document_gets_the_day_and_what_was_missed() -> None:
    """A row that does not reach its bound says so."""
    lines = markdown(ROWS, DAY).splitlines()

    assert lines[0].startswith("On 4 May 2026;")
    assert lines[-2:] == ["| F1 | 0.9 | ≥ 0.8 |", "| alarms | 7 | ≤ 5 – missed |"]


def test_a_document_has_a_part_for_each_table() -> None:
    """Only what stands between its markers is written anew."""
    text = "a\n<!-- evaluate cards -->\nold\n<!-- /evaluate cards -->\nz\n"

    assert filled(text, "cards", "new") == text.replace("old", "new")
    assert all(filled(DOCUMENTS[name].read_text(encoding="utf-8"), name, "new") for name in PARTS)


def test_without_the_data_it_says_so_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """And that is no failure."""
    monkeypatch.setattr("tests.evaluation.__main__.Data", lambda: Data(tmp_path / "none"))

    main([], lambda: DAY)

    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1
    assert out.startswith("make evaluate needs the shared data")


def test_json_has_the_rows_and_the_day(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """For machines."""
    monkeypatch.setattr("tests.evaluation.__main__.Data", lambda: Data(tmp_path))
    monkeypatch.setattr("tests.evaluation.__main__.PARTS", {"decisions": [lambda _: iter(ROWS)]})

    main(["--json"], lambda: DAY)

    told = json.loads(capsys.readouterr().out)
    assert told["date"] == "2026-05-04"
    assert told["rows"][0] == {"measure": "F1", "found": "0.9", "bound": "≥ 0.8", "met": True}

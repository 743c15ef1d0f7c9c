"""Gold is read beside a conversation, by index, and told where it cannot be read."""

import ast
from pathlib import Path

import pytest
from pydantic import JsonValue

from handoff.domain.errors import Invalid
from handoff.domain.turn import Conversation, Turn
from handoff.evaluation.gold import gold_of, source_of

ROOM = Path(__file__).parents[2] / "handoff"


def test_labels_are_kept_by_index() -> None:
    """As told, else after the turn before; null and {} say nothing."""
    gold = gold_of(
        {
            "outcome": {"handed_off": True, "handoff_turn": 7},
            "turns": [
                {"index": 6, "label": {"a": 1}},
                {"label": {"b": 2}},
                {"label": None},
                {"label": {}},
            ],
        }
    )

    assert dict(gold.labels) == {6: {"a": 1}, 7: {"b": 2}}
    assert gold.label(Turn(turn_id="x", role="bot", index=7)) == {"b": 2}
    assert (gold.handed_off(), gold.handoff_turn()) == (True, 7)


@pytest.mark.parametrize("value", [{"turns": []}, {"messages": []}, [], {"outcome": None}, None])
def test_without_gold_there_is_none(value: JsonValue) -> None:
    """Nothing is made up."""
    gold = gold_of(value)

    assert (dict(gold.outcome), dict(gold.labels)) == ({}, {})
    assert (gold.handed_off(), gold.handoff_turn()) == (None, None)


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ({"outcome": [1]}, "`outcome` is not an object"),
        ({"outcome": "good"}, "`outcome` is not an object"),
        ({"turns": [{}, {"label": "yes"}]}, "turns[1].label is not an object"),
    ],
)
def test_unreadable_gold_is_told(value: JsonValue, cause: str) -> None:
    """With its place."""
    with pytest.raises(Invalid) as raised:
        gold_of(value)

    assert raised.value.message == cause


def test_the_source_is_the_records_own_word() -> None:
    """Else the file's name."""
    assert source_of({"source": "star"}, "calls") == "star"
    assert source_of({"source": 3}, "calls") == "calls"
    assert source_of([], "calls") == "calls"


def test_a_conversation_has_no_place_for_gold() -> None:
    """What a detector is given cannot carry any."""
    assert not {"label", "labels", "outcome", "gold", "source"} & {
        *Conversation.model_fields,
        *Turn.model_fields,
    }


def test_nobody_else_reads_outcomes_or_labels() -> None:
    """No module outside of the two that read gold knows the keys it lies under."""
    allowed = {ROOM / "evaluation" / "gold.py"}

    for path in sorted({*ROOM.glob("*/*.py")} - allowed):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get":
                keys = [a.value for a in node.args if isinstance(a, ast.Constant)]
                assert not {"outcome", "label"} & {*keys}, f"{path}:{node.lineno}"

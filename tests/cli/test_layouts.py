"""Every layout is read into the same conversation; what is wrong with one is said."""

import pytest
from pydantic import JsonValue

from handoff.cli.layouts import Layout, read_conversation
from handoff.domain.errors import Invalid
from handoff.domain.turn import Conversation, Role, ToolCall, Turn
from tests.cli.conftest import said


def test_the_data_layout_is_read_with_its_words_for_roles() -> None:
    """`user` is the customer, `agent` the bot; null means unsaid, other keys are ignored."""
    call: JsonValue = {
        "name": "find",
        "arguments": {"id": 1},
        "ok": None,
        "result": "none",
        "vendor": 7,
    }
    turns: list[JsonValue] = [
        {"index": 0, "role": "agent", "text": "Hello", "intent": "greet", "slots": None},
        {"index": 1, "role": "user", "text": "Hi", "nbest": ["Hi", "Hy"], "label": {"x": 1}},
        {"index": 2, "role": "tool", "text": "", "tool_call": call},
    ]

    conversation = read_conversation(
        {"id": 12, "source": "s", "language": None, "job": "j", "turns": turns}, None, "unnamed"
    )

    assert conversation == Conversation(
        conversation_id="12",
        job="j",
        turns=(
            Turn(turn_id="t0", index=0, role=Role.BOT, text="Hello", intent="greet"),
            Turn(turn_id="t1", index=1, role=Role.CUSTOMER, text="Hi", nbest=("Hi", "Hy")),
            Turn(
                turn_id="t2",
                index=2,
                role=Role.TOOL,
                tool_call=ToolCall(name="find", arguments={"id": 1}, result="none"),
            ),
        ),
    )


def test_our_own_export_comes_back_as_it_was() -> None:
    """`Conversation.model_dump` in JSON form loses nothing on the way back."""
    conversation = Conversation(
        conversation_id="c",
        channel="voice",
        customer_key="k",
        attributes={"tier": "gold"},
        turns=(
            Turn(turn_id="a", index=0, role=Role.HUMAN, text="Hi", heard="H", latency_ms=12.5),
            Turn(turn_id="b", index=4, role=Role.CUSTOMER, slots={"n": [1, {"m": None}]}),
        ),
    )

    again = read_conversation(conversation.model_dump(mode="json"), None, "unnamed")

    assert again == conversation


def test_labels_and_outcomes_are_never_read() -> None:
    """Whatever they hold, even what could not be stored, the conversation is the same."""
    plain, labelled = said("Hello", "Hi"), said("Hello", "Hi")
    labelled["outcome"] = {"handed_off": "\ud800\0"}
    turns = labelled["turns"]
    assert isinstance(turns, list)
    for turn in turns:
        assert isinstance(turn, dict)
        turn["label"] = {"handoff": ["\0"]}

    assert read_conversation(labelled, None, "u") == read_conversation(plain, None, "u")


def test_turns_are_put_in_order_and_numbered() -> None:
    """Turns out of order are sorted; without an index they count up."""
    shuffled: JsonValue = {
        "id": "c",
        "turns": [{"index": 2, "role": "user"}, {"index": 1, "role": "agent"}, {"role": "user"}],
    }

    turns = read_conversation(shuffled, None, "u").turns

    assert [(turn.index, turn.turn_id) for turn in turns] == [(1, "t1"), (2, "t2"), (3, "t3")]


def test_a_conversation_without_an_id_is_named_after_its_place() -> None:
    """The file's name and line make an id."""
    assert read_conversation({"messages": []}, None, "chats-7").conversation_id == "chats-7"


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("text", "not a JSON object"),
        ({"id": "c"}, "neither `turns` nor `messages`"),
        ({"id": "c", "turns": "no"}, "`turns` is not a list"),
        ({"id": "c", "turns": [1]}, "turns[0] is not an object"),
        ({"id": "c", "turns": [{"role": "robot"}]}, "turns[0].role: Input should be"),
        ({"id": "c", "turns": [{"text": "x"}]}, "turns[0].role: Field required"),
        ({"id": "c", "turns": [{"role": "user", "tool_call": []}]}, "turns[0].tool_call is not"),
        ({"id": "c", "turns": [{"role": "user", "text": "a\0"}]}, "NUL"),
        ({"id": "c", "turns": [{"role": "user", "slots": {"\udc00": 1}}]}, "surrogate"),
        ({"id": "c", "turns": [{"role": "user", "confidence": 2}]}, "turns[0].confidence: "),
        ({"id": "c", "turns": [{"role": "user", "index": 1}] * 2}, "2 turns have the index 1"),
        (
            {
                "id": "c",
                "turns": [{"role": "user", "turn_id": "x"}, {"role": "bot", "turn_id": "x"}],
            },
            "2 turns have the turn_id 'x'",
        ),
    ],
)
def test_what_is_wrong_is_said(value: JsonValue, cause: str) -> None:
    """The cause names the place."""
    with pytest.raises(Invalid) as caught:
        read_conversation(value, None, "u")

    assert cause in caught.value.message


def test_a_layout_that_is_asked_for_is_not_guessed() -> None:
    """With --format a file in another layout is refused."""
    with pytest.raises(Invalid, match="`messages` is not a list"):
        read_conversation(said("Hello"), Layout.OPENAI, "u")

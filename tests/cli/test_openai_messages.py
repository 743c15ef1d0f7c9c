"""Chat-completion messages become turns at their own positions, calls with their answers."""

import pytest
from pydantic import JsonValue

from handoff.cli.layouts import read_conversation
from handoff.domain.errors import Invalid
from handoff.domain.turn import Role, ToolCall, Turn


def turns(*messages: JsonValue) -> tuple[Turn, ...]:
    """Return the turns that are read from `messages`."""
    return read_conversation({"messages": list(messages)}, None, "u").turns


def calling(*calls: tuple[str, str, str], content: str | None = None) -> JsonValue:
    """Return an assistant message that makes calls (id, name, arguments)."""
    made: list[JsonValue] = [
        {"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in calls
    ]
    return {"role": "assistant", "content": content, "tool_calls": made}


def answer(call_id: str, content: JsonValue) -> JsonValue:
    """Return a tool's message."""
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def test_roles_and_texts_are_read() -> None:
    """System, user and assistant messages keep their position as index."""
    read = turns(
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image_url"}]},
        {"role": "assistant", "content": "Hello"},
    )

    assert [(turn.index, turn.role, turn.text) for turn in read] == [
        (0, Role.SYSTEM, "Be kind."),
        (1, Role.CUSTOMER, "Hi\n[image_url]"),
        (2, Role.BOT, "Hello"),
    ]


def test_a_tools_answer_carries_the_call_it_answers() -> None:
    """Answers are matched by id, in whatever order they come."""
    read = turns(
        calling(("1", "find", '{"a": 1}'), ("2", "book", "not json"), content="One moment"),
        answer("2", '{"success": true}'),
        answer("1", "Error: no such flight"),
    )

    assert read[0].tool_call is None
    assert [turn.tool_call for turn in read[1:]] == [
        ToolCall(
            name="book",
            arguments={"arguments": "not json"},
            ok=True,
            result='{"success": true}',
            call_id="2",
        ),
        ToolCall(
            name="find", arguments={"a": 1}, ok=False, result="Error: no such flight", call_id="1"
        ),
    ]


def test_calls_that_nobody_answered_are_kept() -> None:
    """The first stands on its own turn, a second one after the last message; outcome unknown."""
    read = turns(
        calling(("1", "transfer", "{}"), ("2", "note", '{"x": 2}')),
        {"role": "user", "content": "ok"},
    )

    assert [(turn.index, turn.role) for turn in read] == [
        (0, Role.BOT),
        (1, Role.CUSTOMER),
        (2, Role.TOOL),
    ]
    assert read[0].tool_call == ToolCall(name="transfer", call_id="1")
    assert read[2].tool_call == ToolCall(name="note", arguments={"x": 2}, call_id="2")


@pytest.mark.parametrize(
    ("result", "ok"),
    [
        ("42 found", None),
        ('{"status": "shipped"}', None),
        ('{"ok": false}', False),
        ('{"error": "timeout"}', False),
        ('{"error": null, "id": 3}', None),
        ("ERROR 500", False),
        ([{"type": "text", "text": "Error: x"}], False),
        (None, None),
    ],
)
def test_an_outcome_is_only_taken_from_plain_words(result: JsonValue, ok: bool | None) -> None:
    """A result that does not say whether it worked leaves the outcome unknown."""
    read = turns(calling(("1", "f", "")), answer("1", result))

    assert read[1].tool_call is not None
    assert read[1].tool_call.ok is ok


def test_an_answer_without_a_call_is_kept() -> None:
    """A transcript cut at its start still shows what the tool said."""
    read = turns({"role": "function", "name": "find", "content": "x"}, answer("9", "y"))

    assert [turn.tool_call and turn.tool_call.name for turn in read] == ["find", "unknown"]


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (1, "messages[0] is not an object"),
        ({"role": "robot"}, "messages[0]: unknown role 'robot'"),
        ({"role": "user", "content": 5}, "messages[0].content is neither"),
        ({"role": "user", "content": [5]}, "messages[0].content has a part"),
        ({"role": "assistant", "tool_calls": 1}, "messages[0].tool_calls is not a list"),
        ({"role": "assistant", "tool_calls": [{}]}, "messages[0].tool_calls[0] names no function"),
    ],
)
def test_what_is_wrong_is_said(message: JsonValue, cause: str) -> None:
    """The cause names the message."""
    with pytest.raises(Invalid) as caught:
        turns(message)

    assert cause in caught.value.message

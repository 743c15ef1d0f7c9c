"""Reads the messages of a chat completion (roles, content parts, tool calls) into turns."""

import json
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from handoff.domain.errors import Invalid

ROLES: Final = {
    "user": "customer",
    "assistant": "bot",
    "system": "system",
    "developer": "system",
    "tool": "tool",
    "function": "tool",
}

Message = Mapping[str, JsonValue]
Call = dict[str, JsonValue]


def turns_of_messages(messages: JsonValue) -> list[JsonValue]:
    """Return one turn per message, its index the message's position; raise Invalid with the cause.

    A tool's answer carries the call it answers. A call that nobody answered stands on the turn
    that made it, its outcome unknown; where one message made several such calls, the others
    follow the last message.
    """
    if not isinstance(messages, list):
        raise Invalid("`messages` is not a list")
    calls: dict[str, Call] = {}
    made: dict[str, int] = {}  # call id -> position of the message that made it
    turns: list[dict[str, JsonValue]] = []
    for position, message in enumerate(messages):
        if not isinstance(message, dict):
            raise Invalid(f"messages[{position}] is not an object")
        turn = _turn(message, position)
        if turn["role"] == "tool":
            turn["tool_call"] = _answered(message, calls)
            turn["text"] = ""
        for call_id, call in _calls_of(message, position):
            calls[call_id] = call
            made[call_id] = position
        turns.append(turn)
    for call_id, call in calls.items():
        _place(call, turns, made[call_id])
    return list(turns)


def _turn(message: Message, position: int) -> dict[str, JsonValue]:
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise Invalid(f"messages[{position}]: unknown role {str(role)[:40]!r}")
    turn: dict[str, JsonValue] = {
        "turn_id": str(message.get("id") or f"t{position}"),
        "index": position,
        "role": ROLES[role],
        "text": _text(message.get("content"), position),
    }
    return turn


def _text(content: JsonValue, position: int) -> str:
    """Return the words of a message; a part that is no text (an image) leaves its type's name."""
    match content:
        case None:
            return ""
        case str():
            return content
        case list():
            return "\n".join(_part(part, position) for part in content)
        case _:
            raise Invalid(f"messages[{position}].content is neither text nor a list of parts")


def _part(part: JsonValue, position: int) -> str:
    match part:
        case str():
            return part
        case {"text": str(text)} | {"refusal": str(text)}:
            return text
        case {"type": str(kind)}:
            return f"[{kind}]"
        case _:
            raise Invalid(f"messages[{position}].content has a part that is no object with a type")


def _calls_of(message: Message, position: int) -> list[tuple[str, Call]]:
    """Return the calls that a message makes, each with the id its answer will name."""
    listed = message.get("tool_calls") or []
    if not isinstance(listed, list):
        raise Invalid(f"messages[{position}].tool_calls is not a list")
    if isinstance(message.get("function_call"), dict):  # before there were ids
        listed = [*listed, {"function": message["function_call"]}]
    return [_call(call, position, number) for number, call in enumerate(listed)]


def _call(call: JsonValue, position: int, number: int) -> tuple[str, Call]:
    function = call.get("function") if isinstance(call, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not (isinstance(call, dict) and isinstance(function, dict) and isinstance(name, str)):
        raise Invalid(f"messages[{position}].tool_calls[{number}] names no function")
    call_id = str(call.get("id") or name)
    arguments = _arguments(function.get("arguments"))
    return call_id, {"name": name, "arguments": arguments, "call_id": call_id}


def _arguments(arguments: JsonValue) -> dict[str, JsonValue]:
    """Return the arguments as an object; what a model wrote that is none is kept as it stands."""
    if isinstance(arguments, str) and arguments.strip():
        try:
            parsed: JsonValue = json.loads(arguments)
        except (ValueError, RecursionError):
            parsed = arguments
        arguments = parsed
    if isinstance(arguments, dict):
        return arguments
    return {"arguments": arguments} if arguments else {}


def _answered(message: Message, calls: dict[str, Call]) -> JsonValue:
    """Return the call that a tool message answers, taken from `calls`, with its result."""
    name = message.get("name")
    call_id = str(message.get("tool_call_id") or name or "")
    call = calls.pop(call_id, None) or {"name": str(name or "unknown"), "arguments": {}}
    result = message.get("content")
    if isinstance(result, list):
        result = "\n".join(_part(part, 0) for part in result)
    return {**call, "result": result, "ok": _outcome(result)}


def _outcome(result: JsonValue) -> bool | None:
    """Return whether the call worked where its result says so in so many words, else None."""
    read = result
    if isinstance(result, str):
        if result.lstrip().lower().startswith("error"):
            return False
        try:
            read = json.loads(result)
        except (ValueError, RecursionError):
            return None
    match read:
        case {"ok": bool(told)} | {"success": bool(told)}:
            return told
        case {"error": error} if error:
            return False
        case {"is_error": True}:
            return False
        case _:
            return None


def _place(call: Call, turns: list[dict[str, JsonValue]], position: int) -> None:
    """Put a call that nobody answered on the turn that made it, or after the last one."""
    if "tool_call" not in turns[position]:
        turns[position]["tool_call"] = call
    else:
        end = len(turns)
        turns.append({"turn_id": f"t{end}", "index": end, "role": "tool", "tool_call": call})

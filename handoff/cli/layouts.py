"""The layouts a recorded conversation comes in, each read into a Conversation.

Only the keys listed here are read. Labels and outcomes that a file may carry beside them are
not: what watches a conversation must not see how it ended.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from pydantic import JsonValue, ValidationError

from handoff.cli.openai_messages import turns_of_messages
from handoff.domain.errors import Invalid
from handoff.domain.turn import Conversation, ToolCall, Turn

ROLES: Final = {"user": "customer", "agent": "bot", "assistant": "bot"}
"""Other people's words for our roles."""

_ABOUT = tuple(
    name for name in Conversation.model_fields if name not in ("conversation_id", "turns")
)
_TURN = tuple(name for name in Turn.model_fields if name != "tool_call")
_CALL = tuple(ToolCall.model_fields)


class Layout(StrEnum):
    """How a conversation is laid out in a file."""

    HANDOFF = "handoff"
    OPENAI = "openai"
    EXPORT = "export"


def read_conversation(value: JsonValue, layout: Layout | None, unnamed: str) -> Conversation:
    """Return the conversation that `value` is, its turns numbered and in order.

    `layout` None means: whichever it looks like; `unnamed` is the id of one without an id.
    Raises Invalid with the cause.
    """
    if isinstance(value, list):
        value = {"messages": value}
    if not isinstance(value, dict):
        raise Invalid("not a JSON object")
    if (layout or _detected(value)) is Layout.OPENAI:
        turns = turns_of_messages(value.get("messages"))
    else:
        turns = _turns(value.get("turns"))
    named = value.get("conversation_id", value.get("id"))
    known = {"conversation_id": unnamed if named is None else str(named), **_picked(value, _ABOUT)}
    for part in (known, turns):
        _check_characters(part)
    return _numbered(_validated({**known, "turns": turns}))


def _detected(value: Mapping[str, JsonValue]) -> Layout:
    if "messages" in value:
        return Layout.OPENAI
    if "turns" in value:
        return Layout.EXPORT if "conversation_id" in value else Layout.HANDOFF
    raise Invalid("neither `turns` nor `messages`: not a conversation")


def _turns(turns: JsonValue) -> list[JsonValue]:
    """Return the turns of our own layouts with the keys of a Turn and nothing else.

    A turn without an index comes after the one before it; one without an id is `t<index>`.
    """
    if not isinstance(turns, list):
        raise Invalid("`turns` is not a list")
    read: list[JsonValue] = []
    following = 0
    for position, turn in enumerate(turns):
        if not isinstance(turn, dict):
            raise Invalid(f"turns[{position}] is not an object")
        index = following if turn.get("index") is None else turn["index"]
        following = max(following, index + 1 if isinstance(index, int) else 0)
        read.append({"turn_id": f"t{index}", "index": index, **_turn(turn, position)})
    return read


def _turn(turn: dict[str, JsonValue], position: int) -> dict[str, JsonValue]:
    known = _picked(turn, _TURN)
    role = known.get("role")
    if isinstance(role, str):
        known["role"] = ROLES.get(role, role)
    call = turn.get("tool_call")
    if isinstance(call, dict):
        known["tool_call"] = _picked(call, _CALL)
    elif call is not None:
        raise Invalid(f"turns[{position}].tool_call is not an object")
    return known


def _picked(value: Mapping[str, JsonValue], keys: Iterable[str]) -> dict[str, JsonValue]:
    """Return what `value` says of `keys`; null means that it does not say."""
    return {key: value[key] for key in keys if value.get(key) is not None}


def _check_characters(value: JsonValue) -> None:
    """Raise Invalid for text that cannot be stored: half a surrogate pair, or NUL."""
    match value:
        case str():
            if "\0" in value:
                raise Invalid("a text contains the character NUL (\\u0000)")
            if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
                raise Invalid("a text contains half a surrogate pair (\\ud800 to \\udfff)")
        case list():
            for item in value:
                _check_characters(item)
        case dict():
            for key, item in value.items():
                _check_characters(key)
                _check_characters(item)
        case _:
            pass


def _validated(known: dict[str, JsonValue]) -> Conversation:
    try:
        return Conversation.model_validate(known)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise Invalid(f"{place.lstrip('.')}: {first['msg']}{more}") from None


def _numbered(conversation: Conversation) -> Conversation:
    """Return the conversation with its turns in order; raise Invalid where two are the same."""
    turns = conversation.numbered()
    _check_distinct("index", [turn.index for turn in turns])
    _check_distinct("turn_id", [turn.turn_id for turn in turns])
    return conversation.model_copy(update={"turns": turns})


def _check_distinct(name: str, values: Sequence[object]) -> None:
    if len(set(values)) < len(values):
        [(value, times)] = Counter(values).most_common(1)
        raise Invalid(f"{times} turns have the {name} {value!r}")

"""What may be stored of JSON, turns and conversations: every text, key and number in it masked.

Each string is looked at on its own. A number split over neighbouring turns, and what a turn says
because of what was asked before, is `spread`'s.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby

from pydantic import JsonValue

from handoff.domain.card_numbers import card_numbers
from handoff.domain.digits import read
from handoff.domain.masking import (
    CARD_MASK,
    CODE_MASK,
    KEYS_MASK,
    mask,
    redact_text,
)
from handoff.domain.named_values import hidden, named_values
from handoff.domain.nothing_secret import LEAST, has_nothing, is_part
from handoff.domain.secret_keys import names_secret, secret_value
from handoff.domain.spread import over
from handoff.domain.turn import MAX_TEXT, Conversation, Input, ToolCall, Turn

__all__ = [
    "CARD_MASK",
    "CODE_MASK",
    "KEYS_MASK",
    "mask",
    "redact_conversation",
    "redact_json",
    "redact_text",
    "redact_turn",
]

_MAX_NAME = 200
_LABELS: Mapping[str, int] = {"intent": _MAX_NAME, "language": 35}
"""Short fields and how long `Turn` lets them be."""
_LONGEST_CHOICE = 2
"""Digits of a key press that may be a menu's choice."""
_MOST_PARTS = 19
"""Items of a list that may together be a card number."""
_BEYOND = 10**24
"""Whole numbers from here on have more digits than a card number with its code typed on."""


def redact_json(value: JsonValue) -> tuple[JsonValue, int]:
    """Return `value` with every string, key and number in it masked, and the count.

    The same object comes back when there was nothing to mask.
    """
    return _redact_value(value, under=())


def redact_turn(turn: Turn) -> tuple[Turn, int]:
    """Return `turn` as it may be stored, and the number of redactions; unchanged: the same object.

    A turn of secure capture keeps its tool call (masked), but no words, hypotheses or slots; one
    that was keyed in keeps no more digits than a menu's choice has, outside its slots.
    """
    return (turn, 0) if has_nothing(turn) else _redact_turn(turn)


def _redact_turn(turn: Turn) -> tuple[Turn, int]:
    update: dict[str, object] = {}
    count = 0
    if turn.secure_capture:
        update = {name: empty for name, empty in _UNSAID.items() if getattr(turn, name) != empty}
        count = len(update)
    else:
        for name, redact in (_KEYED if turn.input is Input.DTMF else _WORDS).items():
            if value := getattr(turn, name):
                update[name], found = redact(value)
                count += found
    for name, longest in _LABELS.items():
        if value := getattr(turn, name):
            update[name], found = _redact_within(longest, value)
            count += found
    if turn.tool_call:
        update["tool_call"], found = _redact_call(turn.tool_call)
        count += found
    if not count:
        return turn, 0
    clean = turn.model_copy(update=update)
    named = {} if turn.secure_capture else named_values(turn)
    return hidden((clean,), named)[0], count


def redact_conversation(conversation: Conversation) -> tuple[Conversation, int]:
    """Return `conversation` with its turns and attributes masked; unchanged: the same object.

    Also masked is what turns give away together: answers to a question for a secret, and a card
    number in pieces.
    """
    named: dict[str, str] = {}
    for turn in conversation.turns:
        if turn.slots or turn.tool_call:
            named.update(named_values(turn))
    redacted = [redact_turn(turn) for turn in conversation.turns]
    turns = _together(hidden((turn for turn, _ in redacted), named))
    attributes, count = redact_json(conversation.attributes)
    count += sum(found for _, found in redacted)
    count += sum(now is not then for now, (then, _) in zip(turns, redacted, strict=True))
    if not count:
        return conversation, 0
    return conversation.model_copy(update={"turns": turns, "attributes": attributes}), count


def _together(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Return turns with what they give away together masked, in the order they came in."""
    following = 0
    order: list[tuple[int, int]] = []
    for place, turn in enumerate(turns):
        index = following if turn.index is None else turn.index
        following = max(following, index + 1)
        order.append((index, place))
    order.sort()
    numbered = [
        turns[place] if turns[place].index == index else _at(turns[place], index)
        for index, place in order
    ]
    clean = list(turns)
    for (_, place), before, after in zip(order, numbered, over(numbered), strict=True):
        if after is not before:
            clean[place] = _at(after, turns[place].index)
    return tuple(clean)


def _at(turn: Turn, index: int | None) -> Turn:
    return turn.model_copy(update={"index": index})


def _redact_within(longest: int, text: str) -> tuple[str, int]:
    """Return `text` masked and no longer than it may be: a mask can outgrow a short code."""
    clean, count = redact_text(text)
    return clean[:longest], count


def _redact_keys(text: str) -> tuple[str, int]:
    """Return `text` as keys pressed: all of it masked where it is longer than a menu's choice."""
    if sum(map(str.isdigit, text)) > _LONGEST_CHOICE:
        return KEYS_MASK, 1
    return _redact_within(MAX_TEXT, text)


def _redact_all_keys(texts: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    items = [_redact_keys(text) for text in texts]
    return tuple(text for text, _ in items), sum(found for _, found in items)


def _redact_texts(texts: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """Return each of `texts` masked."""
    items = [redact_text(text) for text in texts]
    return tuple(text for text, _ in items), sum(found for _, found in items)


def _redact_call(call: ToolCall) -> tuple[ToolCall, int]:
    """Return the call with its name, id, arguments and result masked."""
    name, in_name = _redact_within(_MAX_NAME, call.name)
    call_id, in_id = _redact_within(_MAX_NAME, call.call_id or "")
    arguments, in_arguments = _redact_object(call.arguments)
    result, in_result = redact_json(call.result)
    count = in_name + in_id + in_arguments + in_result
    if not count:
        return call, 0
    update: dict[str, object] = {"name": name, "arguments": arguments, "result": result}
    if in_id:
        update["call_id"] = call_id
    return call.model_copy(update=update), count


def _redact_value(value: JsonValue, *, under: tuple[str, ...]) -> tuple[JsonValue, int]:
    """Return `value` masked; `under`: the keys that it stands under and that name secrets."""
    match value:
        case bool() | None:
            return value, 0
        case dict():
            return _redact_object(value, under=under)
        case list():
            return _redact_list(value, under=under)
        case _:
            return _redact_leaf(value, under)


def _redact_leaf(value: str | float, under: tuple[str, ...]) -> tuple[JsonValue, int]:
    for name in under:
        if hidden := secret_value(name, value):
            return hidden, 1
    return redact_text(value) if isinstance(value, str) else _redact_number(value)


def _redact_number(value: float) -> tuple[JsonValue, int]:
    """Return `value`, or its mask if its whole digits are a card number."""
    if not LEAST <= abs(value) < _BEYOND:
        return value, 0
    cards = card_numbers(read(str(abs(int(value)))))
    return (mask(cards[0].digits), 1) if cards else (value, 0)


def _redact_list(value: list[JsonValue], *, under: tuple[str, ...]) -> tuple[list[JsonValue], int]:
    """Return a list with its items masked, also those that are one card number together."""
    clean: list[JsonValue] = []
    count = 0
    for short, some in groupby(value, key=is_part):
        items = list(some)
        if short and (number := _joined(items)):
            clean += [mask(number)] * len(items)
            count += 1
        else:
            masked = [_redact_value(item, under=under) for item in items]
            clean += (item for item, _ in masked)
            count += sum(found for _, found in masked)
    return (clean, count) if count else (value, 0)


def _joined(parts: list[JsonValue]) -> str:
    """Return the card number that all `parts` are together, "" if they are none."""
    if not 1 < len(parts) <= _MOST_PARTS:
        return ""
    cards = card_numbers(read(" ".join(str(part).strip(" -") for part in parts)))
    digits = sum(len(str(part).strip(" -")) for part in parts)
    return cards[0].digits if cards and len(cards[0].digits) == digits else ""


def _redact_object(
    value: dict[str, JsonValue], *, under: tuple[str, ...] = ()
) -> tuple[dict[str, JsonValue], int]:
    """Return an object with keys and values masked, also by keys that name what is secret."""
    clean: dict[str, JsonValue] = {}
    count = 0
    for key, item in value.items():
        name, in_key = redact_text(key)
        kept, in_item = _redact_value(item, under=(*under, key) if names_secret(key) else under)
        while in_key and name in clean:  # two numbers may end in the same four digits
            name += "′"
        clean[name] = kept
        count += in_key + in_item
    return (clean, count) if count else (value, 0)


_WORDS: Mapping[str, Callable[..., tuple[object, int]]] = {
    "text": partial(_redact_within, MAX_TEXT),
    "heard": partial(_redact_within, MAX_TEXT),
    "nbest": _redact_texts,
    "slots": _redact_object,
}
_KEYED: Mapping[str, Callable[..., tuple[object, int]]] = {
    **_WORDS,
    "text": _redact_keys,
    "heard": _redact_keys,
    "nbest": _redact_all_keys,
}
_UNSAID: Mapping[str, object] = {"text": "", "heard": None, "nbest": (), "slots": {}}

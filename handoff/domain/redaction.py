"""Masking of payment card numbers and their security codes, before anything is stored.

Each string is looked at on its own. A number split over neighbouring turns, or a code given in
the turn after its card, needs a window over turns: that comes with the card issue's redaction.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby

from pydantic import JsonValue

from handoff.domain.card_numbers import card_numbers
from handoff.domain.digits import read, replaced, suspicious
from handoff.domain.security_codes import names_code, security_codes
from handoff.domain.turn import MAX_TEXT, Conversation, Input, ToolCall, Turn

CARD_MASK = "[card ••"
"""How the mask of a card number begins; its last four digits follow."""
CODE_MASK = "[code]"
"""What stands where a security code stood."""
KEYS_MASK = "[digits]"
"""What stands where digits were keyed in: a PIN, an account; a menu's choice stays."""

_MAX_NAME = 200
_LABELS: Mapping[str, int] = {"intent": _MAX_NAME, "language": 35}
"""Short fields and how long `Turn` lets them be."""
_LONGEST_CHOICE = 2
"""Digits of a key press that may be a menu's choice."""
_LONGEST_PART, _MOST_PARTS = 8, 19
"""Digits of one item of a list, and items, that may together be a card number."""

_CODE_SIZES = (3, 4)
_LEAST_CODE, _BEYOND_CODE = 100, 10_000
_SHORTEST = len("CVV 123")
_LEAST, _BEYOND = 10**12, 10**24
"""Whole numbers that have the digits of a card number, or of one with its code typed on."""


def mask(number: str) -> str:
    """Return the form a card number is kept in: its last four digits."""
    return f"{CARD_MASK}{number[-4:]}]"


def redact_text(text: str) -> tuple[str, int]:
    """Return `text` with card numbers and security codes masked, and how many there were."""
    if len(text) < _SHORTEST or not suspicious(text):
        return text, 0
    reading = read(text)
    cards = card_numbers(reading)
    masks = {(card.start, card.end): mask(card.digits) for card in cards}
    codes = (code for code in security_codes(text, reading, cards) if not _masked(text, code))
    masks |= dict.fromkeys(codes, CODE_MASK)
    return (replaced(text, masks), len(masks)) if masks else (text, 0)


def _masked(text: str, place: tuple[int, int]) -> bool:
    """Tell whether these are the last four digits in a mask of ours: masking twice is as once."""
    start, end = place
    return text.endswith(CARD_MASK, 0, start) and text.startswith("]", end)


def redact_json(value: JsonValue) -> tuple[JsonValue, int]:
    """Return `value` with every string, key and number in it masked, and the count.

    The same object comes back when there was nothing to mask.
    """
    return _redact_value(value, coded=False)


def redact_turn(turn: Turn) -> tuple[Turn, int]:
    """Return `turn` as it may be stored, and the number of redactions; unchanged: the same object.

    A turn of secure capture keeps its tool call (masked), but no words, hypotheses or slots; one
    that was keyed in keeps no more digits than a menu's choice has, outside its slots.
    """
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
    return (turn.model_copy(update=update), count) if count else (turn, 0)


def redact_conversation(conversation: Conversation) -> tuple[Conversation, int]:
    """Return `conversation` with its turns and attributes masked; unchanged: the same object."""
    turns = [redact_turn(turn) for turn in conversation.turns]
    attributes, count = redact_json(conversation.attributes)
    count += sum(found for _, found in turns)
    if not count:
        return conversation, 0
    update = {"turns": tuple(turn for turn, _ in turns), "attributes": attributes}
    return conversation.model_copy(update=update), count


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


def _redact_value(value: JsonValue, *, coded: bool) -> tuple[JsonValue, int]:
    """Return `value` masked; `coded`: it stands under a key that names a security code."""
    match value:
        case bool() | None:
            return value, 0
        case dict():
            return _redact_object(value, coded=coded)
        case list():
            return _redact_list(value, coded=coded)
        case _ if coded and _is_code(value):
            return CODE_MASK, 1
        case str():
            return redact_text(value)
        case _:
            return _redact_number(value)


def _redact_number(value: float) -> tuple[JsonValue, int]:
    """Return `value`, or its mask if its whole digits are a card number."""
    if not _LEAST <= abs(value) < _BEYOND:
        return value, 0
    cards = card_numbers(read(str(abs(int(value)))))
    return (mask(cards[0].digits), 1) if cards else (value, 0)


def _redact_list(value: list[JsonValue], *, coded: bool) -> tuple[list[JsonValue], int]:
    """Return a list with its items masked, also those that are one card number together."""
    clean: list[JsonValue] = []
    count = 0
    for short, some in groupby(value, key=_is_part):
        items = list(some)
        if short and (number := _joined(items)):
            clean += [mask(number)] * len(items)
            count += 1
        else:
            masked = [_redact_value(item, coded=coded) for item in items]
            clean += (item for item, _ in masked)
            count += sum(found for _, found in masked)
    return (clean, count) if count else (value, 0)


def _is_part(item: JsonValue) -> bool:
    """Return whether `item` may be one group of a card number's digits."""
    if isinstance(item, str):
        digits = item.strip(" -")
        return len(digits) <= _LONGEST_PART and digits.isdecimal()
    return type(item) is int and 0 <= item < 10**_LONGEST_PART


def _joined(parts: list[JsonValue]) -> str:
    """Return the card number that all `parts` are together, "" if they are none."""
    if not 1 < len(parts) <= _MOST_PARTS:
        return ""
    cards = card_numbers(read(" ".join(str(part).strip(" -") for part in parts)))
    digits = sum(len(str(part).strip(" -")) for part in parts)
    return cards[0].digits if cards and len(cards[0].digits) == digits else ""


def _redact_object(
    value: dict[str, JsonValue], *, coded: bool = False
) -> tuple[dict[str, JsonValue], int]:
    """Return an object with keys and values masked, a short number by a key that names a code."""
    clean: dict[str, JsonValue] = {}
    count = 0
    for key, item in value.items():
        name, in_key = redact_text(key)
        kept, in_item = _redact_value(item, coded=coded or names_code(key))
        while in_key and name in clean:  # two numbers may end in the same four digits
            name += "′"
        clean[name] = kept
        count += in_key + in_item
    return (clean, count) if count else (value, 0)


def _is_code(value: str | float) -> bool:
    """Return whether `value` is a number as short as a security code."""
    if isinstance(value, str):
        digits = value.strip()
        return len(digits) in _CODE_SIZES and digits.isdecimal()
    return _LEAST_CODE <= abs(value) < _BEYOND_CODE and value == int(value)


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

"""Masking of payment card numbers and their security codes, before anything is stored.

Each string is looked at on its own. A number split over neighbouring turns, or a code given in
the turn after its card, needs a window over turns: that comes with the card issue's redaction.
"""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from handoff.domain.card_numbers import card_numbers, replaced, suspicious
from handoff.domain.security_codes import names_code, security_codes
from handoff.domain.turn import MAX_TEXT, Conversation, ToolCall, Turn

CARD_MASK = "[card ••"
"""How the mask of a card number begins; its last four digits follow."""
CODE_MASK = "[code]"
"""What stands where a security code stood."""

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
    cards = card_numbers(text)
    masks = {(card.start, card.end): mask(card.digits) for card in cards}
    masks |= dict.fromkeys(security_codes(text, cards), CODE_MASK)
    return (replaced(text, masks), len(masks)) if masks else (text, 0)


def redact_json(value: JsonValue) -> tuple[JsonValue, int]:
    """Return `value` with every string, key and whole number in it masked, and the count.

    The same object comes back when there was nothing to mask.
    """
    match value:
        case str():
            return redact_text(value)
        case dict():
            return _redact_object(value)
        case list():
            items = [redact_json(item) for item in value]
            count = sum(found for _, found in items)
            return ([item for item, _ in items], count) if count else (value, 0)
        case int() | float() if _LEAST <= value < _BEYOND and value == int(value):
            cards = card_numbers(str(int(value)))
            return (mask(cards[0].digits), 1) if cards else (value, 0)
        case _:
            return value, 0


def redact_turn(turn: Turn) -> tuple[Turn, int]:
    """Return `turn` as it may be stored, and the number of redactions; unchanged: the same object.

    A turn of secure capture keeps its tool call (masked), but no words, hypotheses or slots.
    """
    update: dict[str, object] = {}
    count = 0
    if turn.secure_capture:
        update = {name: empty for name, empty in _UNSAID.items() if getattr(turn, name) != empty}
        count = len(update)
    else:
        for name, redact in _WORDS.items():
            if value := getattr(turn, name):
                update[name], found = redact(value)
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


def _redact_words(text: str) -> tuple[str, int]:
    """Return `text` masked and no longer than a turn may be: a mask can outgrow a short code."""
    clean, count = redact_text(text)
    return clean[:MAX_TEXT], count


def _redact_texts(texts: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """Return each of `texts` masked."""
    items = [redact_text(text) for text in texts]
    return tuple(text for text, _ in items), sum(found for _, found in items)


def _redact_call(call: ToolCall) -> tuple[ToolCall, int]:
    """Return the call with arguments and result masked."""
    arguments, in_arguments = _redact_object(call.arguments)
    result, in_result = redact_json(call.result)
    count = in_arguments + in_result
    if not count:
        return call, 0
    return call.model_copy(update={"arguments": arguments, "result": result}), count


def _redact_object(value: dict[str, JsonValue]) -> tuple[dict[str, JsonValue], int]:
    """Return an object with keys and values masked, a short number by a key that names a code."""
    clean: dict[str, JsonValue] = {}
    count = 0
    for key, item in value.items():
        name, in_key = redact_text(key)
        kept, in_item = (CODE_MASK, 1) if _is_code(key, item) else redact_json(item)
        while in_key and name in clean:  # two numbers may end in the same four digits
            name += "′"
        clean[name] = kept
        count += in_key + in_item
    return (clean, count) if count else (value, 0)


def _is_code(key: str, item: JsonValue) -> bool:
    """Return whether `item` is the security code that its key says it is."""
    if isinstance(item, bool) or not isinstance(item, (str, int)):
        return False
    digits = str(item).strip()
    return len(digits) in (3, 4) and digits.isdigit() and names_code(key)


_WORDS: Mapping[str, Callable[..., tuple[object, int]]] = {
    "text": _redact_words,
    "heard": _redact_words,
    "nbest": _redact_texts,
    "slots": _redact_object,
}
_UNSAID: Mapping[str, object] = {"text": "", "heard": None, "nbest": (), "slots": {}}

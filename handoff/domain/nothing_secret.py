"""Tell at one look at all texts of a turn together that it has nothing to mask: most have not."""

from pydantic import JsonValue

from handoff.domain.masking import may_hide
from handoff.domain.secret_keys import names_secret
from handoff.domain.turn import Input, Turn

LEAST = 10**12
"""The least whole number with as many digits as a card number."""
_LONGEST_PART = 8
"""Digits of one item of a list that may be a card number with its neighbours."""


def has_nothing(turn: Turn) -> bool:
    """Tell whether nothing in a turn is a secret; false where that takes a closer look."""
    if turn.secure_capture or turn.input is Input.DTMF:
        return False
    texts = [turn.text, turn.heard or "", turn.intent or "", turn.language or "", *turn.nbest]
    if turn.slots and not _collect(turn.slots, texts):
        return False
    if call := turn.tool_call:
        texts += (call.name, call.call_id or "")
        if not (_collect(call.arguments, texts) and _collect(call.result, texts)):
            return False
    return not may_hide(texts)


def _collect(value: JsonValue, texts: list[str]) -> bool:
    """Add all texts of JSON to `texts`; false where its numbers or keys want a closer look."""
    match value:
        case str():
            texts.append(value)
        case dict():
            texts.extend(value)
            return not any(map(names_secret, value)) and all(
                _collect(item, texts) for item in value.values()
            )
        case list():
            parts = sum(map(is_part, value)) > 1
            return not parts and all(_collect(item, texts) for item in value)
        case bool() | None:
            pass
        case _:
            return abs(value) < LEAST
    return True


def is_part(item: JsonValue) -> bool:
    """Return whether `item` may be one group of a card number's digits."""
    if isinstance(item, str):
        digits = item.strip(" -")
        return len(digits) <= _LONGEST_PART and digits.isdecimal()
    return type(item) is int and 0 <= item < 10**_LONGEST_PART

"""Read JSON bodies strictly: what other parsers would guess at or choke on is refused, and where.

RFC 8259 leaves duplicate names, huge numbers and lone surrogates to each parser; RFC 7493 (I-JSON)
says why not to. Nothing of the kind gets past this file.
"""

import json
from math import isinf
from typing import NoReturn

import re2
from pydantic import JsonValue

from handoff.api.errors import Malformed
from handoff.domain.errors import Invalid
from handoff.domain.turn import MAX_TEXT

MOST_DEPTH = 32
MOST_KEYS = 10_000
LARGEST = 2**63 - 1
"""Whole numbers beyond 64 bits are no numbers of ours: databases and CEL could not hold them."""
DIGITS = 19

_ESCAPED = re2.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""An escaped NUL, or one half of a surrogate pair: to be looked at closely."""


class _Suspicious(ValueError):
    """The quick reading met something that only the close one can name."""


class _Pairs(list[tuple[str, object]]):
    """An object as it was written, duplicates and all."""


class _Odd:
    """A number that cannot be taken, as it was written."""

    def __init__(self, written: str) -> None:
        """Keep the beginning of what stood there."""
        self.written = written[:30]


def parse_json(raw: bytes, longest: int = MAX_TEXT) -> JsonValue:
    """Return the JSON value in `raw`; raise Malformed for what is not JSON, Invalid with a pointer.

    Refused are duplicate names, NaN and infinities, whole numbers beyond 64 bits, lone surrogates,
    NUL, more than MOST_DEPTH levels, more than MOST_KEYS names and texts longer than `longest`.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8: the byte at position {error.start}") from None
    if _ordinary(raw):
        try:
            value: JsonValue = _QUICK.decode(text)
        except (ValueError, RecursionError):
            pass  # the close reading says what it is
        else:
            return value
    return _closely(text, longest)


def _ordinary(raw: bytes) -> bool:
    """Tell whether the quick reading is enough, by counts that can only be too high."""
    return (
        len(raw) <= MAX_TEXT
        and raw.count(b"{") + raw.count(b"[") <= MOST_DEPTH
        and raw.count(b":") <= MOST_KEYS
        and _ESCAPED.search(raw) is None
    )


def _closely(text: str, longest: int) -> JsonValue:
    try:
        value = _CLOSE.decode(text)
    except json.JSONDecodeError as error:
        told = f"not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        raise Malformed(told) from None
    except RecursionError:
        raise Invalid(f"nested deeper than {MOST_DEPTH} levels") from None
    return _Checked(longest).taken(value, "", 0)


class _Checked:
    """Turns what the close reading found into plain values, or says what is wrong where."""

    def __init__(self, longest: int) -> None:
        """Count from nothing; a text may have `longest` characters."""
        self._keys = 0
        self._longest = longest

    def taken(self, value: object, where: str, depth: int) -> JsonValue:
        """Return the value; raise Invalid with the JSON pointer (RFC 6901) of the trouble."""
        match value:
            case _Pairs():
                return self._object(value, where, _deeper(depth, where))
            case list():
                below = _deeper(depth, where)
                return [self.taken(each, f"{where}/{n}", below) for n, each in enumerate(value)]
            case str():
                return _text(value, where, self._longest)
            case int() | float() | None:
                return value
            case _Odd():
                return _refuse(where, f"the number {value.written} cannot be taken")
            case _:
                raise TypeError(type(value))  # the decoder makes nothing else

    def _object(self, pairs: _Pairs, where: str, depth: int) -> dict[str, JsonValue]:
        self._keys += len(pairs)
        if self._keys > MOST_KEYS:
            _refuse(where, f"more than {MOST_KEYS} names in all")
        taken: dict[str, JsonValue] = {}
        for name, value in pairs:
            _text(name, where, MAX_TEXT)
            here = f"{where}/{_token(name)}"
            if name in taken:
                _refuse(here, "the name stands there twice")
            taken[name] = self.taken(value, here, depth)
        return taken


def _deeper(depth: int, where: str) -> int:
    if depth >= MOST_DEPTH:
        _refuse(where, f"nested deeper than {MOST_DEPTH} levels")
    return depth + 1


def _text(value: str, where: str, longest: int) -> str:
    if "\0" in value:
        _refuse(where, "NUL (\\u0000) cannot be taken")
    if len(value) > longest:
        _refuse(where, f"a text may have {longest} characters")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            _refuse(where, "half of a surrogate pair is no character")
    return value


def _token(name: str) -> str:
    """Return a name as a reference token of a pointer, cut where it is absurdly long."""
    return name[:100].replace("~", "~0").replace("/", "~1")


def _refuse(where: str, what: str) -> NoReturn:
    raise Invalid(f"at {where or 'the whole body'}: {what}")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Suspicious
    return found


def _no_constant(written: str) -> NoReturn:
    raise _Suspicious(written)


def _whole(digits: str) -> int:
    if len(digits) >= DIGITS and (len(digits) > DIGITS + 1 or abs(int(digits)) > LARGEST):
        raise _Suspicious
    return int(digits)


def _fraction(written: str) -> float:
    value = float(written)
    if isinf(value):
        raise _Suspicious
    return value


def _whole_or_odd(digits: str) -> int | _Odd:
    try:
        return _whole(digits)
    except _Suspicious:
        return _Odd(digits)


def _fraction_or_odd(written: str) -> float | _Odd:
    value = float(written)
    return _Odd(written) if isinf(value) else value


_QUICK = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_constant=_no_constant,
    parse_int=_whole,
    parse_float=_fraction,
)
_CLOSE = json.JSONDecoder(
    object_pairs_hook=_Pairs,
    parse_constant=_Odd,
    parse_int=_whole_or_odd,
    parse_float=_fraction_or_odd,
)

"""Read what a tool returned as leaves: JSON, JSON inside a string, or JSON cut short."""

import json
import math
from typing import NamedTuple

from pydantic import JsonValue

from handoff.domain.extracts import encodable

Scalar = str | int | float | bool

MAX_READ = 400_000
"""Characters of one result that are read; beyond that a result is a dump, not an answer."""
MAX_LEAVES = 20_000
MAX_DEPTH = 40
_NOTHING = (None, "", math.inf, -math.inf)
"""Scalars that say nothing, or that JSON cannot carry."""

_CLOSER = {"{": "}", "[": "]"}


class Leaf(NamedTuple):
    """One scalar inside a value, with the keys that lead to it."""

    path: tuple[str, ...]
    value: Scalar


def read_result(result: JsonValue) -> JsonValue:
    """Return the result as JSON values; a string that cannot be read as JSON stays a string."""
    if not isinstance(result, str):
        return result
    result = encodable(result)
    text = result[:MAX_READ].strip()
    if not text.startswith(("{", "[", '"')):
        return result
    value = _load(text)
    if value is None:
        value = _load(_mended(text))
    if isinstance(value, str) and value != text and value.lstrip().startswith(("{", "[")):
        return read_result(value)
    return result if value is None else value


def _load(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return value


def _mended(text: str) -> str:
    """Cut JSON that was cut short after its last whole element, and close what is open."""
    closers: list[str] = []
    cut, tail = 0, ""
    at = 0
    unescaped = text.replace("\\\\", "  ").replace('\\"', "  ")
    for place, segment in enumerate(unescaped.split('"')):
        outside = place % 2 == 0
        for offset, char in enumerate(segment if outside else ""):
            if char in _CLOSER:
                closers.append(_CLOSER[char])
            elif char == ",":
                cut, tail = at + offset, "".join(reversed(closers))
            elif closers and char == closers[-1]:
                closers.pop()
                cut, tail = at + offset + 1, "".join(reversed(closers))
        if len(closers) > MAX_DEPTH:
            break
        at += len(segment) + 1
    return text[:cut] + tail


def leaves(value: JsonValue) -> list[Leaf]:
    """Return the scalars inside a value in order, at most `MAX_LEAVES` of them."""
    found: list[Leaf] = []
    stack: list[tuple[tuple[str, ...], JsonValue]] = [((), value)]
    while stack and len(found) < MAX_LEAVES:
        path, item = stack.pop()
        if isinstance(item, dict):
            if len(path) < MAX_DEPTH:
                stack.extend(
                    [((*path, encodable(key)), part) for key, part in reversed(item.items())]
                )
        elif isinstance(item, list):
            stack.extend([(path, part) for part in reversed(item)])
        elif item not in _NOTHING:
            found.append(Leaf(path, encodable(item) if isinstance(item, str) else item))
    return found

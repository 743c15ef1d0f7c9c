"""What the detector remembers of a conversation: one small plain dict."""

import json
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from handoff.domain.signal import EMPTY
from handoff.domain.text import excerpt

State = dict[str, JsonValue]

VERSION: Final = 1
SLOTS_SIZE: Final = 1_000
ATTRIBUTES_SIZE: Final = 1_100
"""JSON characters kept of slots and of attributes; the oldest go first."""

_NAME_SIZE: Final = 80
_VALUE_SIZE: Final = 160


def fresh() -> State:
    """Return the state of a conversation in which nothing was said."""
    return {
        "v": VERSION,
        "turns": 0,
        "index": -1,
        "job": None,
        "channel": None,
        "language": None,
        "attributes": {},
        "slots": {},
        "memory": {},
        "levels": {},
        "learned": {},
        "score": 0.0,
        "offered": None,
        "escalated": None,
        "armed": True,
        "delayed": None,
        "passed": [],
        "shadowed": [],
        "human": False,
    }


def mapping(value: JsonValue) -> dict[str, JsonValue]:
    """Return `value` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def word(value: JsonValue) -> str | None:
    """Return `value` if it is a text, else None."""
    return value if isinstance(value, str) else None


def number(value: JsonValue) -> int | None:
    """Return `value` if it is a whole number, else None."""
    return value if isinstance(value, int) else None


def names(value: JsonValue) -> tuple[str, ...]:
    """Return the texts in `value` if it is a list."""
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def merged(
    known: Mapping[str, JsonValue], told: Mapping[str, JsonValue], size: int
) -> dict[str, JsonValue]:
    """Return `known` with what was `told`, within `size` JSON characters; the newest stays.

    Long values are shortened, empty ones say nothing.
    """
    new = {
        excerpt(name, _NAME_SIZE): _shortened(value)
        for name, value in told.items()
        if value not in EMPTY
    }
    if not new:
        return dict(known)
    every = {**{name: value for name, value in known.items() if name not in new}, **new}
    kept: dict[str, JsonValue] = {}
    for name in reversed(every):
        size -= len(json.dumps(name)) + len(json.dumps(every[name])) + 4
        if size < 0:
            break
        kept[name] = every[name]
    return {name: kept[name] for name in reversed(kept)}


def _shortened(value: JsonValue) -> JsonValue:
    if isinstance(value, bool | int | float) or value is None:
        return value if not isinstance(value, int) or abs(value) < 2**53 else str(value)[:20]
    if isinstance(value, str):
        return excerpt(value, _VALUE_SIZE)
    text = json.dumps(value)
    return value if len(text) <= _VALUE_SIZE else excerpt(text, _VALUE_SIZE)

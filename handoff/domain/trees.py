"""JSON as a tree of texts: the same change made to each of them, wherever it stands."""

from collections.abc import Callable

from pydantic import JsonValue


def in_texts(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """Return JSON with each text in it changed; keys and other values stay."""
    match value:
        case dict():
            return {key: in_texts(item, change) for key, item in value.items()}
        case list():
            return [in_texts(item, change) for item in value]
        case str():
            return change(value)
        case _:
            return value

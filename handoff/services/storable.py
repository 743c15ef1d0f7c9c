"""What outside systems say, as a database can take it: JSON may hold more than that."""

from dataclasses import replace

from pydantic import JsonValue

from handoff.domain.connector import Said
from handoff.domain.extracts import encodable


def storable(said: Said) -> Said:
    """Return what was said without NUL and halves of characters, which no database takes."""
    details = _sound(dict(said.details))
    return replace(
        said,
        event_id=_plain(said.event_id),
        escalation_id=_plain(said.escalation_id),
        conversation_id=_plain(said.conversation_id),
        by=_plain(said.by),
        details=details if isinstance(details, dict) else {},
    )


def _plain(text: str) -> str:
    return encodable(text).replace("\0", "")


def _sound(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return _plain(value)
        case dict():
            return {_plain(name): _sound(each) for name, each in value.items()}
        case list():
            return [_sound(each) for each in value]
        case _:
            return value

"""What an HTTP answer means for a delivery: the table that connectors over HTTP start from."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic import JsonValue

from handoff.domain.connector import OutboundReply
from handoff.domain.errors import ConnectorError

PAUSING = frozenset({401, 403, 410})
"""The account is not welcome (any more): repeating cannot help, a person has to look."""

PASSING = frozenset({408, 425, 429})
"""Client errors that pass by themselves."""

_MOST_DIGITS = 9
_SERVER = 500


def refusal(status: int, headers: Mapping[str, str], at: datetime) -> ConnectorError | None:
    """Return what went wrong by an answer's status; None for 2xx.

    3xx is a failure too: redirects are never followed, and may be gone at the next try.
    """
    if 200 <= status < 300:
        return None
    if status in PAUSING:
        return ConnectorError(f"the receiver answered {status}", retryable=False, pause=True)
    if 400 <= status < 500 and status not in PASSING:
        return ConnectorError(f"the receiver answered {status}", retryable=False)
    return ConnectorError(
        f"the receiver answered {status}", retry_after=retry_after(headers.get("retry-after"), at)
    )


def retry_after(value: str | None, at: datetime) -> float | None:
    """Return a Retry-After header (RFC 9110 10.2.3: seconds or a date) in seconds from `at`.

    What is neither is ignored, and a date that has passed means at once.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:_MOST_DIGITS])
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max((then - at).total_seconds(), 0.0)


def done(reply: OutboundReply, at: datetime) -> None:
    """Return where an answer is 2xx, whatever it says; raise as `refusal` says where it is none.

    Raise ConnectorError(unknown=True) for 5xx: it may have been done. Whoever cannot be looked up
    later takes `refusal` alone.
    """
    error = refusal(reply.status, reply.headers, at)
    if error is not None and reply.status >= _SERVER:
        raise ConnectorError(error.message, unknown=True, retry_after=error.retry_after)
    if error is not None:
        raise error


def answered(reply: OutboundReply, at: datetime) -> dict[str, JsonValue]:
    """Return the JSON object of an answer; raise as `done` does.

    Raise ConnectorError(unknown=True) for anything else under a 2xx.
    """
    told = _parsed(reply, at)
    if not isinstance(told, dict):
        raise undocumented()
    return told


def listed(reply: OutboundReply, at: datetime) -> list[JsonValue]:
    """Return the JSON array of an answer; raise as `answered` does."""
    told = _parsed(reply, at)
    if not isinstance(told, list):
        raise undocumented()
    return told


def undocumented() -> ConnectorError:
    """Return what is wrong with an answer of another shape than the receiver documents."""
    return ConnectorError("the receiver's answer is not what it documents", unknown=True)


def _parsed(reply: OutboundReply, at: datetime) -> JsonValue:
    done(reply, at)
    return json_of(reply.body)


def json_of(body: bytes | str) -> JsonValue:
    """Return the JSON in what an outside system sent, None where it is none."""
    try:
        told: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return told


def told_in(answer: JsonValue, *path: str) -> str:
    """Return the text or number at a path of an answer, empty where there is none."""
    told = _at(answer, path)
    return str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""


def dict_in(answer: JsonValue, *path: str) -> dict[str, JsonValue]:
    """Return the object at a path of an answer, empty where there is none."""
    told = _at(answer, path)
    return told if isinstance(told, dict) else {}


def list_in(answer: JsonValue, *path: str) -> list[JsonValue]:
    """Return the array at a path of an answer, empty where there is none."""
    told = _at(answer, path)
    return told if isinstance(told, list) else []


def _at(answer: JsonValue, path: tuple[str, ...]) -> JsonValue:
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer

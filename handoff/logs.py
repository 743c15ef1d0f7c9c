"""The log: text, or a JSON object a line with fields of a fixed list; nobody's words in either.

A message is made by us from types and places; a traceback, whose last line may repeat what somebody
said, is cut down to the exception's type and place.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

from handoff.domain.errors import placed

FIELDS = (
    "request_id",
    "tenant",
    "method",
    "route",
    "status",
    "ms",
    "escalation_id",
    "delivery_id",
    "connector",
    "outcome",
    "trace_id",
)
"""What a line may say beside its message; whatever else a record carries is left out."""
OURS = "handoff"
"""Loggers under this name write messages of our own; another one's message is not shown."""
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up(form: str, stream: TextIO | None = None) -> None:
    """Write the log of the process to stderr, or to `stream`, as `text` or `json`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else Text(TEXT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    logging.getLogger(f"{OURS}.access").setLevel(logging.INFO if form == "json" else logging.ERROR)


class Text(logging.Formatter):
    """A line of text; of an exception only its type and place."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what another handler made of the exception is not taken over."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 # logging's own name
        """Return an exception's type and place."""
        return placed(ei[1]) if isinstance(ei, tuple) and isinstance(ei[1], BaseException) else ""


class JsonLines(logging.Formatter):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: when, how bad, who, what, and the fields that are allowed."""
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if ours else "",
        }
        told |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            told["error"] = placed(record.exc_info[1])
        return json.dumps(told, ensure_ascii=True)

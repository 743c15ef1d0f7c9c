"""Answers over HTTP as fakes of vendors give them."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from tests.receiver import Received, plain


def told(request: Received, body: object, status: str = "200 OK") -> Iterator[bytes]:
    """Answer with JSON."""
    content = json.dumps(body).encode()
    return plain(status, "Content-Type: application/json", body=content)(request)


def asked(request: Received) -> tuple[str, str, dict[str, str]]:
    """Return method, path and the query's fields of a request."""
    method, target, _ = request.line.split(" ")
    parts = urlsplit(target)
    return method, parts.path, dict(parse_qsl(parts.query))

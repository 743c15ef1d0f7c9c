"""An account at a vendor that speaks JSON, called through the guarded way out."""

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from handoff.domain.answers import answered, done, listed
from handoff.domain.connector import Outbound, OutboundReply

QUICK = 0.9
"""Seconds for a call while the other side waits for what we make of its callback."""


class JsonApi:
    """Calls with one account's credentials; each method raises ConnectorError as `answers` says."""

    def __init__(
        self, outbound: Outbound, base: str, headers: Mapping[str, str], deadline: float
    ) -> None:
        """Keep the way out, where the account is, and what goes with each call."""
        self._outbound = outbound
        self._base = base.rstrip("/")
        self._headers = {"accept": "application/json", **headers}
        self._deadline = deadline

    def told(
        self, method: str, path: str, at: datetime, body: JsonValue = None, *, quick: bool = False
    ) -> dict[str, JsonValue]:
        """Return the object that a call is answered with."""
        return answered(self._called(method, path, body, quick=quick), at)

    def listed(
        self, method: str, path: str, at: datetime, body: JsonValue = None
    ) -> list[JsonValue]:
        """Return the array that a call is answered with."""
        return listed(self._called(method, path, body), at)

    def done(self, method: str, path: str, at: datetime, body: JsonValue = None) -> None:
        """Make a call whose answer says nothing but that it was done."""
        done(self._called(method, path, body), at)

    def _called(
        self, method: str, path: str, body: JsonValue, *, quick: bool = False
    ) -> OutboundReply:
        headers, content = self._headers, b""
        if body is not None:
            headers = headers | {"content-type": "application/json"}
            content = json.dumps(body).encode()
        deadline = min(QUICK, self._deadline) if quick else self._deadline
        return self._outbound.send(method, self._base + path, content, headers, deadline=deadline)

"""An account at a vendor that speaks JSON, called through the guarded way out."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from pydantic import JsonValue

from handoff.domain.answers import answered, done, listed
from handoff.domain.connector import Outbound, OutboundReply
from handoff.domain.errors import ConnectorError

QUICK = 0.9
"""Seconds for a call while the other side waits for what we make of its callback."""


class JsonApi:
    """Calls with one account's credentials; each method raises ConnectorError as `answers` says."""

    def __init__(
        self,
        outbound: Outbound,
        base: str,
        headers: Mapping[str, str],
        deadline: float,
        *,
        passing: Collection[int] = (),
    ) -> None:
        """Keep the way out, where the account is, and what goes with each call.

        Answers in `passing` mean at this vendor that the same call may succeed later.
        """
        self._outbound = outbound
        self._base = base.rstrip("/")
        self._headers = {"accept": "application/json", **headers}
        self._deadline = deadline
        self._passing = passing

    def told(
        self,
        method: str,
        path: str,
        at: datetime,
        body: JsonValue = None,
        *,
        quick: bool = False,
        key: str = "",
    ) -> dict[str, JsonValue]:
        """Return the object that a call is answered with; a second one of a `key` is the first."""
        return answered(self._called(method, path, body, quick=quick, key=key), at)

    def listed(
        self, method: str, path: str, at: datetime, body: JsonValue = None
    ) -> list[JsonValue]:
        """Return the array that a call is answered with."""
        return listed(self._called(method, path, body), at)

    def done(self, method: str, path: str, at: datetime, body: JsonValue = None) -> None:
        """Make a call whose answer says nothing but that it was done."""
        done(self._called(method, path, body), at)

    def _called(
        self, method: str, path: str, body: JsonValue, *, quick: bool = False, key: str = ""
    ) -> OutboundReply:
        headers, content = self._headers, b""
        if body is not None:
            headers = headers | {"content-type": "application/json"}
            content = json.dumps(body).encode()
        if key:
            headers = headers | {"idempotency-key": key}
        deadline = min(QUICK, self._deadline) if quick else self._deadline
        reply = self._outbound.send(method, self._base + path, content, headers, deadline=deadline)
        if reply.status in self._passing:
            raise ConnectorError(f"the receiver answered {reply.status}")
        return reply

"""Sends one request until it is answered: retries with backoff, bounded in total, under one key."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import SystemRandom
from typing import Final
from uuid import uuid4

import httpx
from pydantic import JsonValue

from handoff.client.errors import Unreachable, error_of, problem_code
from handoff.domain.answers import retry_after

PASSING: Final = frozenset({429, 502, 503, 504, 507})
"""Statuses that pass by themselves."""

IN_PROGRESS: Final = "in_progress"
"""A 409 that passes: the first request with the same Idempotency-Key still runs."""

NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""Against which every date has passed: for an answer that does not say when it was sent."""

Params = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a call is tried."""

    total: float = 60.0
    """Seconds after which a call is given up; no try begins later."""
    first: float = 0.1
    """Seconds of the first wait at most; it doubles with every try."""
    longest: float = 5.0
    """Seconds of one wait at most, unless the service asks for more (Retry-After)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The clock, the pause and the chance that retries need; tests bring their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = SystemRandom().random


class Sender:
    """Sends requests over one pool of connections."""

    def __init__(self, http: httpx.Client, patience: Patience, waiting: Waiting) -> None:
        """Keep the connections and how to wait between tries."""
        self.http = http
        self.waiting = waiting
        self._patience = patience

    def get(self, path: str, params: Params | None = None) -> httpx.Response:
        """Return the answer; raise ClientError."""
        return self._send(self.http.build_request("GET", path, params=_said(params)))

    def post(
        self,
        path: str,
        body: Mapping[str, JsonValue],
        *,
        key: str | None = None,
        keyed: bool = True,
        version: int | None = None,
        seconds: float | None = None,
    ) -> httpx.Response:
        """Return the answer; raise ClientError.

        The Idempotency-Key is made if not given and kept over all tries; `keyed` off: the body has
        an id of its own, or nothing is changed. `seconds` is the time of one try where the answer
        takes long.
        """
        headers = {"Idempotency-Key": key or str(uuid4())} if keyed else {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        timeout = self.http.timeout if seconds is None else httpx.Timeout(seconds)
        built = self.http.build_request("POST", path, json=body, headers=headers, timeout=timeout)
        return self._send(built)

    def put(self, path: str, body: Mapping[str, JsonValue]) -> httpx.Response:
        """Return the answer; raise ClientError."""
        return self._send(self.http.build_request("PUT", path, json=body))

    def patch(self, path: str, body: Mapping[str, JsonValue]) -> httpx.Response:
        """Return the answer; raise ClientError."""
        return self._send(self.http.build_request("PATCH", path, json=body))

    def delete(self, path: str) -> httpx.Response:
        """Return the answer, also where an earlier try deleted it; raise ClientError."""
        headers = {"Idempotency-Key": str(uuid4())}
        return self._send(self.http.build_request("DELETE", path, headers=headers))

    def backoff(self, tries: int) -> float:
        """Return the seconds to wait after so many tries: full jitter under a doubling bound."""
        bound = min(self._patience.longest, self._patience.first * 2.0 ** min(tries, 30))
        return bound * self.waiting.chance()

    def _send(self, request: httpx.Request) -> httpx.Response:
        until = self.waiting.now() + self._patience.total
        tries = 0
        while True:
            outcome = self._try(request)
            if isinstance(outcome, httpx.Response) and outcome.is_success:
                return outcome
            wait = self._wait(outcome, tries)
            if wait is None or self.waiting.now() + wait > until:
                raise _failure(outcome) from _cause(outcome)
            self.waiting.sleep(wait)
            tries += 1

    def _try(self, request: httpx.Request) -> httpx.Response | httpx.TransportError:
        try:
            return self.http.send(request)
        except httpx.TransportError as error:
            return error

    def _wait(self, outcome: httpx.Response | httpx.TransportError, tries: int) -> float | None:
        """Return the seconds until the next try; None where repeating cannot help."""
        if isinstance(outcome, httpx.TransportError):
            useless = isinstance(outcome, httpx.UnsupportedProtocol | httpx.LocalProtocolError)
            return None if useless else self.backoff(tries)
        if outcome.status_code == 409 and problem_code(outcome) == IN_PROGRESS:
            return self.backoff(tries)
        if outcome.status_code not in PASSING:
            return None
        return max(asked_wait(outcome) or 0.0, self.backoff(tries))


def asked_wait(answer: httpx.Response) -> float | None:
    """Return the seconds of a Retry-After; a date is measured against the answer's own Date."""
    try:
        sent = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, OverflowError):
        sent = NEVER
    return retry_after(answer.headers.get("retry-after"), sent.replace(tzinfo=sent.tzinfo or UTC))


def _said(params: Params | None) -> dict[str, str | int | float | bool]:
    return {name: value for name, value in (params or {}).items() if value is not None}


def _failure(outcome: httpx.Response | httpx.TransportError) -> Exception:
    if isinstance(outcome, httpx.Response):
        return error_of(outcome)
    told = str(outcome) or type(outcome).__name__
    return Unreachable(f"no answer from the service: {told}", code="unreachable")


def _cause(outcome: httpx.Response | httpx.TransportError) -> httpx.TransportError | None:
    return None if isinstance(outcome, httpx.Response) else outcome

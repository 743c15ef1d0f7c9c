"""Clients that write down every request they make and every answer they get, or do not get."""

import json
import time
from dataclasses import asdict, dataclass, field
from threading import Lock, Thread
from typing import Any

import httpx

PATIENCE = 40.0
PASSING = (None, 429, 502, 503, 504)
"""What a client repeats: no answer at all, and answers that say to come back."""


@dataclass
class Call:
    """One try of one request."""

    who: str
    tenant: str
    method: str
    path: str
    body: Any
    key: str | None
    if_match: int | None
    began: float
    ended: float = 0.0
    status: int | None = None
    answer: str | None = None
    replayed: bool = False
    last: bool = True
    """Whether the client gave up after it or was content; False where it tried again."""

    def json(self) -> Any:
        """Return the answer's body."""
        return json.loads(self.answer or "null")


@dataclass
class History:
    """All tries of all clients, in the order in which they ended."""

    calls: list[Call] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    acknowledged: int = 0
    """How many were answered with 2xx."""

    def keep(self, call: Call) -> Call:
        """Add a try."""
        with self.lock:
            self.calls.append(call)
            self.acknowledged += call.status is not None and 200 <= call.status < 300
        return call

    def told(self) -> list[dict[str, Any]]:
        """Return them as plain values."""
        with self.lock:
            return [asdict(call) for call in self.calls]


class Client:
    """One caller with one key; may be used by one thread at a time."""

    def __init__(self, history: History, base: str, who: str, key: str, tenant: str) -> None:
        """Remember what it says."""
        self.base, self.who, self.tenant = base, who, tenant
        self._history = history
        self._http = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=20)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def once(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        if_match: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> Call:
        """Make one try."""
        call = Call(self.who, self.tenant, method, path, body, key, if_match, time.time())
        more = dict(headers or {})
        if key is not None:
            more["Idempotency-Key"] = key
        if if_match is not None:
            more["If-Match"] = f'"{if_match}"'
        try:
            answer = self._http.request(method, f"{self.base}{path}", json=body, headers=more)
        except httpx.TransportError:
            pass
        else:
            call.status, call.answer = answer.status_code, answer.text
            call.replayed = "Idempotent-Replayed" in answer.headers
        call.ended = time.time()
        return self._history.keep(call)

    def surely(self, method: str, path: str, body: Any = None, **more: Any) -> Call:
        """Try until there is an answer that does not pass by itself."""
        until = time.monotonic() + PATIENCE
        while True:
            call = self.once(method, path, body, **more)
            if call.status not in PASSING or time.monotonic() > until:
                return call
            call.last = False
            time.sleep(0.03)

    def json(self, path: str) -> Any:
        """Get something surely, and return it read."""
        return self.surely("GET", path).json()

    def post(self, path: str, body: Any = None, **more: Any) -> Call:
        """Post surely."""
        return self.surely("POST", path, body if body is not None else {}, **more)

    def raw(self, path: str, body: bytes, headers: dict[str, str]) -> Call:
        """Post bytes as an outside system does, without a key of ours, until there is an answer."""
        until = time.monotonic() + PATIENCE
        while True:
            call = Call(
                "outside", self.tenant, "POST", path, json.loads(body), None, None, time.time()
            )
            try:
                answer = httpx.post(f"{self.base}{path}", content=body, headers=headers, timeout=20)
            except httpx.TransportError:
                pass
            else:
                call.status, call.answer = answer.status_code, answer.text
            call.ended = time.time()
            call.last = call.status not in PASSING or time.monotonic() > until
            self._history.keep(call)
            if call.last:
                return call
            time.sleep(0.03)

    def turn(self, conversation: str, turn_id: str, text: str, **more: Any) -> Call:
        """Say a customer's turn surely."""
        body = {"turn_id": turn_id, "role": "customer", "text": text, **more}
        return self.post(f"/v1/conversations/{conversation}/turns", body)


class Follower:
    """Follows the feed, and goes on after the last event it saw whenever the feed breaks off."""

    def __init__(self, base: str, key: str) -> None:
        """Begin with the first event there is."""
        self.base, self._key = base, key
        self.events: list[dict[str, Any]] = []
        self._stopping = False
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self, quiet: float = 0.3, patience: float = 6.0) -> None:
        """Let it read until nothing has come for a while, then end it."""
        until = time.monotonic() + patience
        seen, since = len(self.events), time.monotonic()
        while time.monotonic() - since < quiet and time.monotonic() < until:
            time.sleep(0.02)
            if len(self.events) != seen:
                seen, since = len(self.events), time.monotonic()
        self._stopping = True

    def _run(self) -> None:
        headers = {"Authorization": f"Bearer {self._key}"}
        with httpx.Client(headers=headers, timeout=httpx.Timeout(2, read=0.5)) as http:
            while not self._stopping:
                try:
                    self._read(http)
                except httpx.TransportError:
                    time.sleep(0.05)

    def _read(self, http: httpx.Client) -> None:
        last = self.events[-1]["id"] if self.events else 0
        headers = {"Last-Event-ID": str(last)}
        with http.stream("GET", f"{self.base}/v1/events", headers=headers) as answer:
            if answer.status_code != 200:
                time.sleep(0.05)
            number = 0
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    number = int(line[4:])
                elif line.startswith("data: "):
                    self.events.append({"id": number, **json.loads(line[6:])})
                if self._stopping:
                    return

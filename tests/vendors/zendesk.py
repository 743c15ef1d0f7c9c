"""Zendesk Support on loopback, as its documents say: tickets, audits, idempotency keys."""

import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handoff.domain.connector import Callback
from tests.receiver import Received
from tests.vendors.answers import asked, told

SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3RpbmdfYW5kIG5vdGhpbmc="
SETTINGS = {"email": "bot@acme.example", "token": "tok", "webhook_secret": SECRET}
LOGIN = "Basic " + base64.b64encode(b"bot@acme.example/token:tok").decode()


@dataclass
class Zendesk:
    """Answers each call; `tickets` by id, `audits` of each, `keys` that were used."""

    tickets: dict[int, dict[str, object]] = field(default_factory=dict)
    audits: dict[int, list[object]] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, query = asked(request)
        if request.headers.get("authorization") != LOGIN:
            return told(request, {"error": "Couldn't authenticate you"}, "401 Unauthorized")
        if method == "POST":
            return told(request, {"ticket": self._created(request)}, "201 Created")
        if path.endswith("/tickets"):
            wanted = query.get("external_id")
            found = [one for one in self.tickets.values() if one.get("external_id") == wanted]
            return told(request, {"tickets": found})
        number = int(path.split("/")[4])
        if number not in self.tickets:
            return told(request, {"error": "RecordNotFound"}, "404 Not Found")
        if path.endswith("/audits"):
            return told(request, {"audits": self.audits[number]})
        change = json.loads(request.body)["ticket"]
        return told(request, {"ticket": self._changed(number, change)})

    def _created(self, request: Received) -> dict[str, object]:
        key = request.headers["idempotency-key"]
        if key in self.keys:
            return self.tickets[self.keys[key]]
        number = 1000 + len(self.tickets)
        self.keys[key] = number
        self.tickets[number] = {"id": number}
        return self._changed(number, json.loads(request.body)["ticket"])

    def _changed(self, number: int, change: dict[str, object]) -> dict[str, object]:
        audit = {"metadata": {"custom": change.get("metadata")}, "comment": change.get("comment")}
        self.audits.setdefault(number, []).append(audit)
        self.tickets[number] |= change
        return self.tickets[number]


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as Zendesk signs it."""
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    mac = base64.b64encode(hmac.digest(SECRET.encode(), stamp.encode() + body, "sha256")).decode()
    headers = {
        "x-zendesk-webhook-signature": mac,
        "x-zendesk-webhook-signature-timestamp": stamp,
    }
    return Callback(headers, body, at)


def event(kind: str, event: object, event_id: str = "evt-1", actor: str = "7") -> bytes:
    """Return an event of a ticket as the webhook sends it."""
    detail = {"id": "1000", "external_id": "esc_1", "actor_id": actor, "status": "OPEN"}
    told = {
        "type": f"zen:event-type:ticket.{kind}",
        "id": event_id,
        "account_id": 22129848,
        "subject": "zen:ticket:1000",
        "detail": detail,
        "event": event,
    }
    return json.dumps(told).encode()


ASSIGNED = event("agent_assignment_changed", {"current": "7", "previous": None})

"""Request Tracker 5 on loopback, as its REST 2 answered when it was asked (see tests/peers)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from handoff.domain.connector import Callback
from handoff.domain.standard_webhooks import key_of, signature
from tests.receiver import Received, plain
from tests.vendors.answers import asked, told

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = {"token": "1-14-abc", "secret": SECRET, "queue": "General"}


@dataclass
class RequestTracker:
    """Answers each call; `tickets` by id, `comments` as they came."""

    tickets: dict[int, dict[str, object]] = field(default_factory=dict)
    comments: list[dict[str, object]] = field(default_factory=list)
    transactions: int = 30
    frozen: bool = False
    """Whether a lifecycle forbids every change of status."""

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, query = asked(request)
        if request.headers.get("authorization") != "token 1-14-abc":
            return told(request, {"message": "Unauthorized"}, "401 Unauthorized")
        path = path.removeprefix("/REST/2.0")
        body = json.loads(request.body) if request.body else {}
        if path.startswith("/ticket/"):
            return self._of_a_ticket(request, method, path, body)
        if path.startswith("/queue/"):
            return told(request, {"id": 1, "Name": path[7:]})
        if path == "/ticket":
            return self._created(request, body)
        return told(request, {"items": self._found(path, query["query"]), "count": 0})

    def _of_a_ticket(
        self, request: Received, method: str, path: str, body: dict[str, object]
    ) -> Iterator[bytes]:
        number = int(path.split("/")[2])
        if number not in self.tickets:
            return told(request, {"message": "Resource does not exist"}, "404 Not Found")
        if path.endswith("/comment"):
            self.transactions += 1
            self.comments.append({"ticket": number, **body})
            return told(request, ["Comments added"], "201 Created")
        if method == "GET":
            content = json.dumps(self.tickets[number]).encode()
            return plain("200 OK", f'ETag: "{self.transactions}"', body=content)(request)
        if request.headers.get("if-match") != f'"{self.transactions}"':
            return told(request, {"message": "Precondition Failed"}, "412 Precondition Failed")
        self.transactions += 1
        self.tickets[number] |= {k: v for k, v in body.items() if not self.frozen or k != "Status"}
        return told(request, [f"Ticket {number}: changed"])

    def _created(self, request: Received, body: dict[str, object]) -> Iterator[bytes]:
        number = len(self.tickets) + 1
        self.tickets[number] = {"id": number, **body}
        return told(request, {"type": "ticket", "id": str(number)}, "201 Created")

    def _found(self, path: str, query: str) -> list[object]:
        (wanted,) = re.findall(r"'([^']*)'", query)
        if path == "/tickets":
            found = [str(n) for n, one in self.tickets.items() if wanted in one["RefersTo"]]  # type: ignore[operator] # a list
        else:
            found = [str(n) for n, one in enumerate(self.comments) if one["Subject"] == wanted]
        return [{"id": number, "type": "ticket"} for number in found]


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as the scrip signs it."""
    headers = {
        "webhook-id": "rt-36",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature(key_of(SecretStr(SECRET)), "rt-36", at, body),
    }
    return Callback(headers, body, at)


def event(kind: str, **more: object) -> bytes:
    """Return a transaction as the scrip tells it."""
    told_of = {
        "id": "36",
        "type": kind,
        "field": None,
        "escalation_id": "esc_1",
        "status": "open",
        "owner": "ana",
        "user": "ana",
        "staff": True,
        "text": "",
    }
    return json.dumps(told_of | more).encode()


ASSIGNED = event("Set", field="Owner")

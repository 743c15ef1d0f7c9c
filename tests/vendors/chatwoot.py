"""Chatwoot on loopback, as its description and source say: one conversation, several calls."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handoff.domain.connector import Callback
from handoff.domain.signatures import mark
from tests.receiver import Received, plain
from tests.vendors.answers import asked, told

SECRET = "wh-secret-of-chatwoot"
SETTINGS = {
    "account_id": "3",
    "token": "tok",
    "webhook_secret": SECRET,
    "teams": {"billing": "7"},
    "people": {"5": "ana"},
    "own_ids": ["1"],
}
NUMBER = "42"
MARK = mark(SECRET, NUMBER, "esc_1")


@dataclass
class Chatwoot:
    """Answers each call; the conversation as it is, its messages, and the calls that changed it."""

    status: str = "pending"
    priority: str | None = None
    labels: list[str] = field(default_factory=lambda: ["vip"])
    attributes: dict[str, object] = field(default_factory=lambda: {"plan": "gold"})
    assignee: int | None = None
    team: int | None = None
    messages: list[dict[str, object]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, query = asked(request)
        if request.headers.get("api_access_token") not in ("tok", "bot"):
            return told(request, {"error": "Invalid Access Token"}, "401 Unauthorized")
        if path.endswith("/teams"):
            return told(request, [{"id": 7, "name": "billing"}])
        name = path.rpartition("/")[2]
        if method == "GET" and name == "messages":
            before = int(query.get("before", "999999"))
            page = [one for one in self.messages if int(str(one["id"])) < before][-20:]
            return told(request, {"meta": {}, "payload": page})
        if method == "GET":
            return told(request, self.shown()) if name == NUMBER else _missing(request)
        self.calls.append(name)
        return self._changed(request, name, json.loads(request.body))

    def shown(self) -> dict[str, object]:
        """Return the conversation as the API and webhooks show it."""
        assignee = {"id": self.assignee, "name": "Ana", "type": "user"} if self.assignee else None
        return {
            "id": int(NUMBER),
            "status": self.status,
            "priority": self.priority,
            "labels": self.labels,
            "custom_attributes": self.attributes,
            "meta": {
                "sender": {"id": 9, "name": "Bo", "type": "contact"},
                "assignee": assignee,
                "assignee_type": "User" if assignee else None,
                "team": {"id": self.team} if self.team else None,
            },
        }

    def _changed(self, request: Received, name: str, body: dict[str, object]) -> Iterator[bytes]:
        match name:
            case "messages":
                message = {"id": len(self.messages) + 1, **body}
                self.messages.append(message)
                return told(request, message)
            case "custom_attributes":
                self.attributes = dict(body["custom_attributes"])  # type: ignore[call-overload] # JSON
            case "labels":
                self.labels = list(body["labels"])  # type: ignore[call-overload] # JSON
            case "toggle_priority":
                self.priority = str(body["priority"])
            case "toggle_status":
                self.status = str(body["status"])
            case "assignments" if "team_id" in body:
                self.team = int(str(body["team_id"]))
            case "assignments":
                self.assignee = int(str(body["assignee_id"])) or None
        return plain("200 OK")(request)


def _missing(request: Received) -> Iterator[bytes]:
    return told(request, {"error": "Resource could not be found"}, "404 Not Found")


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as Chatwoot signs it."""
    second = str(int(at.timestamp()))
    mac = hmac.digest(SECRET.encode(), f"{second}.".encode() + body, "sha256").hex()
    headers = {"x-chatwoot-timestamp": second, "x-chatwoot-signature": f"sha256={mac}"}
    return Callback(headers, body, at)


def event(name: str, marked: str = MARK, state: str = "queued", **more: object) -> bytes:
    """Return an event of the conversation as the webhook sends it."""
    fake = Chatwoot(attributes={"handoff": marked, "handoff_state": state}, assignee=5)
    told = {**fake.shown(), "event": name, "account": {"id": 3, "name": "Acme"}, **more}
    return json.dumps(told).encode()


def written(text: str = "Hello", marked: str = MARK, **more: object) -> bytes:
    """Return the event of a message that an agent wrote."""
    fake = Chatwoot(attributes={"handoff": marked}, status="open")
    told = {
        "event": "message_created",
        "id": 5001,
        "content": text,
        "message_type": "outgoing",
        "content_type": "text",
        "content_attributes": {},
        "private": False,
        "sender": {"id": 5, "name": "Ana", "email": "ana@acme.example", "type": "user"},
        "account": {"id": 3, "name": "Acme"},
        "inbox": {"id": 2, "name": "Website"},
        "conversation": fake.shown(),
        **more,
    }
    return json.dumps(told).encode()

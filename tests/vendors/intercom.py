"""Intercom on loopback, as its description says: one conversation and its parts."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handoff.domain.connector import Callback
from handoff.domain.signatures import mark
from tests.receiver import Received
from tests.vendors.answers import asked, told

SECRET = "client-secret-of-intercom"
SETTINGS = {
    "token": "tok",
    "client_secret": SECRET,
    "admin_id": "99",
    "teams": {"billing": "814865"},
    "people": {"25": "ana"},
}
NUMBER = "137324500000000"
MARK = mark(SECRET, NUMBER, "esc_1")


@dataclass
class Intercom:
    """Answers each call; the conversation as it is, and the calls that changed it."""

    attributes: dict[str, object] = field(default_factory=lambda: {"plan": "gold"})
    state: str = "snoozed"
    admin: int | None = None
    team: str | None = None
    parts: list[dict[str, object]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, _ = asked(request)
        if request.headers.get("authorization") != "Bearer tok":
            errors = [{"code": "unauthorized", "message": "Access Token Invalid"}]
            return told(request, {"type": "error.list", "errors": errors}, "401 Unauthorized")
        if path == "/me":
            return told(request, {"type": "admin", "id": "99", "name": "Handoff"})
        if NUMBER not in path:
            return told(request, {"type": "error.list", "errors": []}, "404 Not Found")
        if method != "GET":
            self._changed(json.loads(request.body))
        return told(request, self.shown())

    def shown(self) -> dict[str, object]:
        """Return the conversation as the API and webhooks show it."""
        return {
            "type": "conversation",
            "id": NUMBER,
            "state": self.state,
            "open": self.state == "open",
            "admin_assignee_id": self.admin,
            "team_assignee_id": self.team,
            "custom_attributes": self.attributes,
            "conversation_parts": {
                "type": "conversation_part.list",
                "conversation_parts": self.parts,
                "total_count": len(self.parts),
            },
        }

    def _changed(self, body: dict[str, object]) -> None:
        if "custom_attributes" in body:
            self.calls.append("attributes")
            self.attributes |= dict(body["custom_attributes"])  # type: ignore[call-overload] # JSON
            return
        kind, assignee = str(body["message_type"]), str(body.get("assignee_id"))
        self.calls.append(kind)
        self.parts.append(part(kind, str(body.get("body", "")), "99"))
        if kind in ("close", "open"):
            self.state = {"close": "closed", "open": "open"}[kind]
        elif kind == "assignment" and body["type"] == "team":
            self.team = None if assignee == "0" else assignee
        elif kind == "assignment":
            self.admin = int(assignee) or None


def part(kind: str, body: str, author: str, author_type: str = "admin") -> dict[str, object]:
    """Return a part of a conversation."""
    person = {"type": author_type, "id": author, "name": "Andy"}
    return {"type": "conversation_part", "id": "1", "part_type": kind, "body": body} | {
        "author": person
    }


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as Intercom signs it."""
    mac = hmac.digest(SECRET.encode(), body, "sha1").hex()
    return Callback({"x-hub-signature": f"sha1={mac}"}, body, at)


def event(
    topic: str, body: str = "<p>Hello &amp; <b>welcome</b></p>", marked: str = MARK, **author: str
) -> bytes:
    """Return a notification as the webhook sends it."""
    said = part("comment", body, author.get("author", "25"), author.get("type", "admin"))
    fake = Intercom({"handoff": marked}, "open", 25, parts=[said])
    told = {
        "type": "notification_event",
        "app_id": "lkqcyt9t",
        "id": "notif_193c5c58-eec2-4bb6-88da-62c9db80a994",
        "topic": topic,
        "data": {"type": "notification_event_data", "item": fake.shown()},
        "delivery_status": "pending",
        "delivery_attempts": 1,
        "first_sent_at": 1596635010,
        "created_at": 1596635010,
    }
    return json.dumps(told).encode()


REPLIED = event("conversation.admin.replied")

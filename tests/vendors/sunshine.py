"""Zendesk messaging on loopback, as its description says: one conversation, and who controls it."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handoff.domain.connector import Callback
from handoff.domain.signatures import mark
from tests.receiver import Received
from tests.vendors.answers import asked, told

SECRET = "wh-secret-of-sunshine"
SETTINGS = {
    "app_id": "5698edbf2a43bd081be982f1",
    "key_id": "app_key",
    "key_secret": "tok",
    "webhook_secret": SECRET,
}
LOGIN = "Basic " + base64.b64encode(b"app_key:tok").decode()
CONVERSATION = "13f32c6cf7d0d38e6e0eba93"
MARK = mark(SECRET, CONVERSATION, "esc_1")
PEOPLE = {"id": "62261ff6aa72f900ef123e1d", "name": "zd-agentWorkspace"}
PEOPLE |= {"integrationId": "62261ff41b74b670c3f64c2f", "integrationType": "zd:agentWorkspace"}
BOT = {"id": "62261ff6aa72f900ef123e1e", "name": "bot", "integrationType": "custom"}


@dataclass
class Sunshine:
    """Answers each call; the conversation's metadata, who has control, and what was passed."""

    metadata: dict[str, object] = field(default_factory=lambda: {"lang": "en"})
    active: dict[str, str] = field(default_factory=lambda: BOT)
    pending: dict[str, str] | None = None
    passed: list[dict[str, object]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, _ = asked(request)
        if request.headers.get("authorization") != LOGIN:
            return told(request, {"errors": [{"code": "unauthorized"}]}, "401 Unauthorized")
        if path.endswith("/switchboards"):
            return told(request, {"switchboards": [{"id": "1"}]})
        if CONVERSATION not in path:
            return told(request, {"errors": [{"code": "not_found"}]}, "404 Not Found")
        name = path.rpartition("/")[2]
        if method == "POST":
            self.calls.append(name)
            body = json.loads(request.body)
            target = body.get("switchboardIntegration", "bot")
            to = PEOPLE if target == "zd:agentWorkspace" else BOT
            if to is PEOPLE:
                self.passed.append(body["metadata"])
            if name == "offerControl":
                self.pending = to
            else:
                self.active, self.pending = to, None
            return told(request, {})
        if method == "PATCH":
            self.metadata = json.loads(request.body)["metadata"]
        return told(request, {"conversation": self.shown()})

    def shown(self) -> dict[str, object]:
        """Return the conversation as the API and webhooks show it."""
        return {
            "id": CONVERSATION,
            "type": "personal",
            "metadata": self.metadata,
            "activeSwitchboardIntegration": self.active,
            "pendingSwitchboardIntegration": self.pending,
        }


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as the webhook sends it: with the secret that both sides know."""
    return Callback({"x-api-key": SECRET}, body, at)


def event(
    kind: str, marked: str = MARK, event_id: str = "0ca7d56ba7b2", **payload: object
) -> bytes:
    """Return one event as the webhook sends it."""
    fake = Sunshine({"handoff.mark": marked}, PEOPLE)
    told = {
        "app": {"id": SETTINGS["app_id"]},
        "webhook": {"id": "5e554d2cac66fb73a3c01869", "version": "v2"},
        "events": [
            {
                "id": event_id,
                "type": kind,
                "createdAt": "2026-11-23T12:00:00.000Z",
                "payload": {"conversation": fake.shown(), **payload},
            }
        ],
    }
    return json.dumps(told).encode()


def written(text: str = "Hello", marked: str = MARK, **message: object) -> bytes:
    """Return the event of a message, of an agent's if nothing else is said."""
    told = {
        "id": "5e55622dac66fb73a3c01877",
        "received": "2026-11-23T12:00:00.000Z",
        "author": {"type": "business", "subtypes": ["agent"], "displayName": "Zoe"},
        "content": {"type": "text", "text": text},
        "source": {"type": "zd:agentWorkspace"},
        **message,
    }
    return event("conversation:message", marked, message=told)

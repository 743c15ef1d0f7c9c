"""Amazon Connect on loopback, as its documents say: contacts, attributes, tasks by token."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handoff.domain.connector import Callback
from handoff.domain.signatures import mark
from tests.receiver import Received, plain
from tests.vendors.answers import asked, told

INSTANCE = "11111111-2222-3333-4444-555555555555"
CONTACT = "b18c8632-2266-4668-8665-0967dbc38a39"
KEY = "a key of EventBridge's connection"
SETTINGS = {
    "instance_id": INSTANCE,
    "region": "eu-central-1",
    "access_key_id": "AKIDEXAMPLE",
    "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "task_flow_id": "aaaaaaaa-2222-3333-4444-555555555555",
    "callback_key": KEY,
}


@dataclass
class Amazon:
    """Answers each call; `contacts` has the attributes of each, `tokens` the tasks by token."""

    contacts: dict[str, dict[str, str]] = field(
        default_factory=lambda: {CONTACT: {"handoff_mark": mark(KEY, "amazon", "esc_1")}}
    )
    tokens: dict[str, str] = field(default_factory=dict)
    bodies: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, _ = asked(request)
        login = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"
        if not request.headers.get("authorization", "").startswith(login):
            return told(request, {"message": "denied"}, "403 Forbidden")
        body = json.loads(request.body) if request.body else {}
        if method != "GET":
            self.bodies.append((path, body))
        if path == "/contact/task":
            contact = self.tokens.setdefault(body["ClientToken"], f"task-{len(self.tokens) + 1}")
            self.contacts[contact] = body["Attributes"]
            return told(request, {"ContactId": contact})
        if method == "GET":
            contact = path.rpartition("/")[2]
        else:
            named = body.get("InitialContactId") or body.get("ContactId")
            contact = named or path.rpartition("/")[2]
        if contact not in self.contacts:
            missing = "X-Amzn-Errortype: ResourceNotFoundException"
            return plain("404 Not Found", missing, body=b'{"Message":"Contact not found"}')(request)
        return self._known(request, method, path, contact, body)

    def _known(
        self, request: Received, method: str, path: str, contact: str, body: dict[str, object]
    ) -> Iterator[bytes]:
        if method == "GET":
            return told(request, {"Attributes": self.contacts[contact]})
        if path == "/contact/stop":
            self.stopped.append(contact)
        if path == "/contact/attributes":
            self.contacts[contact] |= body["Attributes"]  # type: ignore[operator] # an object
        return plain("200 OK", body=b"")(request)


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as EventBridge sends it: with the key of its connection."""
    return Callback({"x-handoff-key": KEY}, body, at)


def event(kind: str, channel: str = "VOICE", *, agent: bool = True, **more: object) -> bytes:
    """Return a contact event as EventBridge hands it over."""
    arn = f"arn:aws:connect:eu-central-1:123456789012:instance/{INSTANCE}"
    detail: dict[str, object] = {
        "eventType": kind,
        "contactId": CONTACT,
        "initialContactId": CONTACT,
        "channel": channel,
        "instanceArn": arn,
        "initiationMethod": "INBOUND",
        "queueInfo": {"queueArn": f"{arn}/queue/q-1", "queueType": "STANDARD"},
    }
    if agent:
        detail["agentInfo"] = {"agentArn": f"{arn}/agent/a-1", "connectedToAgentTimestamp": "x"}
    told_ = {
        "version": "0",
        "id": "12345678-1234-1234-1234-123456789abc",
        "detail-type": "Amazon Connect Contact Event",
        "source": "aws.connect",
        "account": "123456789012",
        "time": "2026-11-23T12:00:00Z",
        "region": "eu-central-1",
        "resources": [arn],
        "detail": detail | more,
    }
    return json.dumps(told_).encode()

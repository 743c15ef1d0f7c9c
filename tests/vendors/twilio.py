"""Twilio on loopback, as its documents say: tasks with ETags, interactions, signed events."""

import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from handoff.domain.connector import Callback
from handoff.domain.signatures import mark
from tests.parcels import NOW
from tests.receiver import Received, plain
from tests.vendors.answers import asked, told

TOKEN = "12345678901234567890123456789012"
URL = "https://handoff.example/v1/callbacks/twilio/ep_1"
WORKSPACE = "WS" + "a" * 32
SETTINGS = {
    "account_sid": "AC" + "a" * 32,
    "auth_token": TOKEN,
    "workspace_sid": WORKSPACE,
    "workflow_sid": "WW" + "a" * 32,
    "callback_url": URL,
}
LOGIN = "Basic " + base64.b64encode(f"{SETTINGS['account_sid']}:{TOKEN}".encode()).decode()
CALL = "CA" + "1" * 32
WORKER_CALL = "CA" + "2" * 32


@dataclass
class Twilio:
    """Answers each call; `tasks` by SID, `forms` of what was posted, in order."""

    tasks: dict[str, dict[str, object]] = field(default_factory=dict)
    forms: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    closed: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, query = asked(request)
        if request.headers.get("authorization") != LOGIN:
            return told(request, {"code": 20003}, "401 Unauthorized")
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if method == "POST":
            self.forms.append((path, form))
        if path.startswith("/v1/Interactions"):
            return told(request, self._flex(method, path, form))
        last = path.rpartition("/")[2]
        if last == "Tasks" and method == "POST":
            return told(request, self.add(form), "201 Created")
        if last == "Tasks":
            return told(request, {"tasks": self._matching(query), "meta": {}})
        if last not in self.tasks:
            return told(request, {"code": 20404}, "404 Not Found")
        return self._task(request, method, last, form)

    def add(self, form: dict[str, str]) -> dict[str, object]:
        """Create a task."""
        sid = f"WT{len(self.tasks) + 1:032x}"
        task: dict[str, object] = {"sid": sid, "assignment_status": "pending"}
        self.tasks[sid] = task | {
            "attributes": form["Attributes"],
            "priority": form.get("Priority"),
        }
        self.versions[sid] = 0
        return self.tasks[sid]

    def _task(
        self, request: Received, method: str, sid: str, form: dict[str, str]
    ) -> Iterator[bytes]:
        etag = f'"{self.versions[sid]}"'
        task = self.tasks[sid]
        if method == "POST":
            if request.headers.get("if-match", etag) != etag:
                return told(request, {"code": 20412}, "412 Precondition Failed")
            self.versions[sid] += 1
            names = {
                "Attributes": "attributes",
                "Priority": "priority",
                "AssignmentStatus": "assignment_status",
                "Reason": "reason",
            }
            task |= {names[name]: value for name, value in form.items()}
            etag = f'"{self.versions[sid]}"'
        body = json.dumps(task).encode()
        return plain("200 OK", "Content-Type: application/json", f"ETag: {etag}", body=body)(
            request
        )

    def _matching(self, query: dict[str, str]) -> list[dict[str, object]]:
        wanted = (
            query.get("EvaluateTaskAttributes", "").removeprefix("escalation_id == ").strip('"')
        )
        newest = reversed(self.tasks.values())
        return [t for t in newest if not wanted or f'"escalation_id":"{wanted}"' in t["attributes"]]  # type: ignore[operator] # text

    def _flex(self, method: str, path: str, form: dict[str, str]) -> object:
        pieces = path.split("/")
        if method == "GET":
            return {"channels": [{"sid": "UO" + "a" * 32}]}
        if len(pieces) == 3 or pieces[-1] == "Invites":
            sid = "KD" + "a" * 32 if len(pieces) == 3 else "KG" + "a" * 32
            carried = json.loads(form["Routing"])["properties"]["attributes"]
            carried |= {"flexInteractionSid": "KD" + "a" * 32}
            packed = json.dumps(carried, separators=(",", ":"))
            return {"sid": sid, "routing": {"properties": self.add({"Attributes": packed})}}
        self.closed.append(form)
        for task in self.tasks.values():
            task["assignment_status"] = "canceled"
        return {"sid": pieces[-1], "status": form["Status"]}


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as Twilio signs it."""
    fields = parse_qsl(body.decode(), keep_blank_values=True)
    text = URL + "".join(name + value for name, value in sorted(set(fields)))
    mac = base64.b64encode(hmac.digest(TOKEN.encode(), text.encode(), "sha1")).decode()
    return Callback({"x-twilio-signature": mac}, body, at)


def event(kind: str, **more: str) -> bytes:
    """Return an event of TaskRouter as the workspace's callback gets it."""
    signature = mark(TOKEN, "twilio", "esc_1").rpartition(".")[2]
    attributes = {"type": "handoff", "escalation_id": "esc_1", "delivery_id": "dlv_1"}
    attributes["handoff_mark"] = signature
    fields = {
        "EventType": kind,
        "Sid": "EV" + "a" * 32,
        "AccountSid": SETTINGS["account_sid"],
        "WorkspaceSid": WORKSPACE,
        "WorkspaceName": "Acme",
        "EventDescription": "Reservation WR accepted",
        "ResourceType": "reservation",
        "ResourceSid": "WR" + "a" * 32,
        "Timestamp": str(int(NOW.timestamp())),
        "TimestampMs": str(int(NOW.timestamp() * 1000)),
        "TaskSid": "WT" + "a" * 32,
        "TaskAttributes": json.dumps(attributes),
        "TaskAge": "7",
        "TaskPriority": "40",
        "TaskAssignmentStatus": "assigned",
        "WorkerSid": "WK" + "a" * 32,
        "WorkerName": "zoe",
        "WorkerAttributes": json.dumps({"email": "zoe@example.com"}),
    }
    return urlencode(fields | more).encode()


def conference(kind: str, task: str, call: str, **more: str) -> bytes:
    """Return a conference's event as its status callback gets it."""
    fields = {
        "StatusCallbackEvent": kind,
        "AccountSid": SETTINGS["account_sid"],
        "ConferenceSid": "CF" + "a" * 32,
        "FriendlyName": task,
        "CallSid": call,
        "Coaching": "false",
        "SequenceNumber": "2",
        "Timestamp": NOW.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    }
    return urlencode(fields | more).encode()

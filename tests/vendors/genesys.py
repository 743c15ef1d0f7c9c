"""Genesys Cloud on loopback, as its documents say: tokens, conversations, transfers, callbacks."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handoff.domain.connector import Callback
from handoff.domain.signatures import mark
from tests.parcels import EXTERNAL
from tests.receiver import Received, plain
from tests.vendors.answers import asked, told

LIVE = EXTERNAL["genesys_conversation_id"]
KEY = "a key of the integration's rule"
QUEUE = "11111111-0000-0000-0000-000000000000"
SETTINGS = {
    "client_id": "c1",
    "client_secret": "s1",
    "queue_id": QUEUE,
    "callback_key": KEY,
}
LOGIN = "Basic " + base64.b64encode(b"c1:s1").decode()


def carried() -> dict[str, str]:
    """Return what a customer of ours carries that proves it."""
    return {"handoff_mark": mark(KEY, "genesys", "esc_1")}


def participant(purpose: str, state: str, **more: object) -> dict[str, object]:
    """Return a participant as the API tells it."""
    call = {"id": "x", "state": state}
    if state in ("connected", "disconnected"):
        call["connectedTime"] = "2026-11-23T12:00:00Z"
    return {"id": f"p-{purpose}", "purpose": purpose, "calls": [call], "attributes": {}, **more}


@dataclass
class Genesys:
    """Answers each call; `conversations` by id, `changes` of what was asked for, in order."""

    conversations: dict[str, list[dict[str, object]]] = field(
        default_factory=lambda: {
            LIVE: [participant("customer", "connected"), participant("ivr", "connected")]
        }
    )
    changes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    tokens: int = 0
    taken: set[str] = field(default_factory=set)

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, _ = asked(request)
        if path == "/oauth/token":
            if request.headers.get("authorization") != LOGIN:
                return told(request, {"error": "invalid_client"}, "400 Bad Request")
            self.tokens += 1
            self.taken.add(f"t{self.tokens}")
            return told(request, {"access_token": f"t{self.tokens}", "expires_in": 86_399})
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.taken:
            return told(request, {"code": "bad.credentials"}, "401 Unauthorized")
        return self._answered(request, method, path)

    def _answered(self, request: Received, method: str, path: str) -> Iterator[bytes]:
        if path == "/api/v2/tokens/me":
            return told(request, {"organization": {"id": "o1", "name": "Acme"}})
        body = json.loads(request.body) if request.body else {}
        if method != "GET":
            self.changes.append((path, body))
        if path == "/api/v2/conversations/callbacks":
            return told(request, {"conversation": {"id": self._callback(body)}})
        pieces = path.split("/")
        conversation = pieces[5] if pieces[4] == "callbacks" else pieces[4]
        if conversation not in self.conversations:
            return told(request, {"code": "not.found"}, "404 Not Found")
        if method == "GET":
            there = self.conversations[conversation]
            return told(request, {"id": conversation, "participants": there})
        self._change(conversation, pieces, body)
        return plain("202 Accepted")(request)

    def _callback(self, body: dict[str, object]) -> str:
        made = f"callback-{len(self.conversations)}"
        self.conversations[made] = [participant("customer", "scheduled", attributes=body["data"])]
        return made

    def _change(self, conversation: str, pieces: list[str], body: dict[str, object]) -> None:
        there = self.conversations[conversation]
        if pieces[-1] == "attributes":
            (one,) = [each for each in there if each["id"] == pieces[6]]
            one["attributes"] |= body["attributes"]  # type: ignore[operator] # an object
        elif pieces[-1] == "queue":
            self.conversations[conversation] = [
                *(each for each in there if each["id"] != pieces[6]),
                participant("acd", "connected", queueId=body["queueId"]),
            ]

    def transfers(self) -> list[dict[str, object]]:
        """Return what was asked for in each transfer to a queue."""
        return [body for path, body in self.changes if path.endswith("/replace/queue")]


def signed(body: bytes, at: datetime) -> Callback:
    """Return an event as it comes: with the key."""
    return Callback({"x-handoff-key": KEY}, body, at)


def event(kind: str, conversation: str = LIVE) -> bytes:
    """Return an event as EventBridge hands it over."""
    topic = f"v2.detail.events.conversation.{conversation}.{kind}"
    told_ = {
        "version": "0",
        "id": "12345678-1234-1234-1234-123456789abc",
        "detail-type": "v2.detail.events.conversation.{id}." + kind,
        "source": "aws.partner/genesys.com/cloud/o1/acme",
        "time": "2026-11-23T12:00:00Z",
        "detail": {
            "topicName": topic,
            "version": "2",
            "timestamp": "2026-11-23T12:00:00.000Z",
            "metadata": {"CorrelationId": "c-1"},
            "eventBody": {
                "eventTime": 1_795_435_200_000,
                "conversationId": conversation,
                "participantId": "p-agent",
                "mediaType": "VOICE",
                "userId": "u-1",
            },
        },
    }
    return json.dumps(told_).encode()

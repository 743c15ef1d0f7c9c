"""Telnyx on loopback, as its documents say: commands by id, legs with their state, ed25519."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectors.telnyx.state import Side, Told
from handoff.domain.connector import Callback
from tests.parcels import EXTERNAL
from tests.receiver import Received
from tests.vendors.answers import asked, told

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
CALL = EXTERNAL["telnyx_call_control_id"]
HUMAN = "v3:human-leg"
SETTINGS = {
    "api_key": "KEY1",
    "public_key": base64.b64encode(KEY.public_key().public_bytes_raw()).decode(),
    "connection_id": "7267",
    "destination": "+4930111111",
}


@dataclass
class Telnyx:
    """Answers each call; `commands` has what was asked for, `states` each leg's state."""

    commands: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=lambda: {CALL: ""})
    over: set[str] = field(default_factory=set)

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, _ = asked(request)
        if request.headers.get("authorization") != "Bearer KEY1":
            return told(request, {"errors": [{"code": "10009"}]}, "401 Unauthorized")
        pieces = path.replace("%3A", ":").strip("/").split("/")
        if pieces[-1] == "active_calls":
            calls = [
                {"call_control_id": leg, "client_state": state, "record_type": "call"}
                for leg, state in self.states.items()
                if leg not in self.over
            ]
            return told(request, {"data": calls, "meta": {"cursors": {}}})
        if method == "GET":
            state = {"call_control_id": pieces[1], "client_state": self.states.get(pieces[1], "")}
            return told(request, {"data": {**state, "is_alive": pieces[1] not in self.over}})
        body = json.loads(request.body)
        leg, action = ("", "dial") if pieces == ["calls"] else (pieces[1], pieces[-1])
        if leg in self.over:
            ended = {"code": "90018", "title": "Call has already ended"}
            return told(request, {"errors": [ended]}, "422 Unprocessable Entity")
        return told(request, {"data": self._command(leg, action, body)})

    def _command(self, leg: str, action: str, body: dict[str, object]) -> object:
        if (leg, action, body["command_id"]) not in [
            (one, what, about["command_id"]) for one, what, about in self.commands
        ]:
            self.commands.append((leg, action, body))
        if action == "hangup":
            self.over.add(leg)
        if action == "dial":
            self.states[HUMAN] = str(body["client_state"])
            return {"call_control_id": HUMAN, "is_alive": False, "record_type": "call"}
        if "client_state" in body:
            self.states[leg] = str(body["client_state"])
        if "target_leg_client_state" in body:
            self.states[HUMAN] = str(body["target_leg_client_state"])
        return {"result": "ok"}

    def done(self, action: str) -> list[tuple[str, dict[str, object]]]:
        """Return the commands of one kind: the leg, and what was asked for."""
        return [(leg, about) for leg, what, about in self.commands if what == action]


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as Telnyx signs it."""
    stamp = str(int(at.timestamp()))
    signature = base64.b64encode(KEY.sign(stamp.encode() + b"|" + body)).decode()
    headers = {"telnyx-timestamp": stamp, "telnyx-signature-ed25519": signature}
    return Callback(headers, body, at)


def state(side: str = "human", **more: str) -> str:
    """Return the state of a leg of ours."""
    return Told("esc_1", "dlv_1", Side(side), **more).packed(SETTINGS["api_key"])


def event(kind: str, client_state: str | None = None, leg: str = HUMAN, **more: str) -> bytes:
    """Return an event as a webhook brings it."""
    payload = {
        "call_control_id": leg,
        "connection_id": "7267",
        "call_leg_id": "428c31b6-7af4-4bcb-b7f5-5013ef9657c1",
        "call_session_id": "428c31b6-7af4-4bcb-b7f5-5013ef9657c1",
        "client_state": state() if client_state is None else client_state,
        "from": "+35319605860",
        "to": "+4930111111",
        **more,
    }
    data = {
        "record_type": "event",
        "event_type": kind,
        "id": "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0",
        "occurred_at": "2026-11-23T12:00:00.000000Z",
        "payload": payload,
    }
    meta = {"attempt": 1, "delivered_to": "https://handoff.example/v1/callbacks/telnyx/ep_1"}
    return json.dumps({"data": data, "meta": meta}).encode()

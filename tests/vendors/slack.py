"""Slack on loopback, as its documents say: messages, their metadata, threads and people."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from handoff.domain.connector import Callback
from tests.receiver import Received
from tests.vendors.answers import asked, told

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SETTINGS = {"token": "xoxb-1", "signing_secret": SECRET, "channel": "C1"}


@dataclass
class Slack:
    """Answers each method; `messages` has what was posted, by channel order."""

    messages: list[dict[str, object]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    where: dict[str, str] = field(default_factory=dict)
    """Time stamp to channel."""

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        _, path, query = asked(request)
        method = path.rpartition("/")[2]
        fields = query | dict(parse_qsl(request.body.decode()))
        self.calls.append((method, fields))
        if request.headers.get("authorization") != "Bearer xoxb-1":
            return told(request, {"ok": False, "error": "invalid_auth"})
        answer = getattr(self, "on_" + method.replace(".", "_"), None)
        unknown = {"ok": False, "error": "unknown_method"}
        return told(request, answer(fields) if answer else unknown)

    def on_chat_postMessage(self, fields: dict[str, str]) -> object:  # noqa: N802 # Slack's name
        """Keep a message."""
        ts = f"1700000000.{len(self.messages) + 1:06d}"
        self.messages.append({"ts": ts, "app_id": "A1", "bot_id": "B1", **_shown(fields)})
        self.where[ts] = fields["channel"]
        return {"ok": True, "channel": fields["channel"], "ts": ts}

    def on_chat_update(self, fields: dict[str, str]) -> object:
        """Change a message."""
        for message in self.messages:
            if message["ts"] == fields["ts"]:
                message.update(_shown(fields))
                return {"ok": True, "channel": fields["channel"], "ts": fields["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def on_conversations_history(self, fields: dict[str, str]) -> object:
        """Return what is no reply of a channel."""
        mine = [m for m in self.messages if self.where.get(str(m["ts"])) == fields["channel"]]
        return {"ok": True, "messages": [m for m in mine if "thread_ts" not in m]}

    def on_conversations_replies(self, fields: dict[str, str]) -> object:
        """Return a thread, its first message first."""
        ts = fields["ts"]
        found = [m for m in self.messages if ts in (m["ts"], m.get("thread_ts"))]
        return {"ok": True, "messages": found}

    def on_users_info(self, fields: dict[str, str]) -> object:
        """Return a member; whose id begins with G is a guest."""
        guest = fields["user"].startswith("G")
        profile = {"email": f"{fields['user'].lower()}@example.com"}
        return {"ok": True, "user": {"is_restricted": guest, "profile": profile}}

    def on_views_open(self, fields: dict[str, str]) -> object:
        """Open a modal, unless its trigger has gone."""
        if fields["trigger_id"].endswith("gone"):
            return {"ok": False, "error": "expired_trigger_id"}
        return {"ok": True, "view": {"id": "V1"}}

    def on_chat_postEphemeral(self, _: dict[str, str]) -> object:  # noqa: N802 # Slack's name
        """Tell one person."""
        return {"ok": True, "message_ts": "1.1"}

    def on_auth_test(self, _: dict[str, str]) -> object:
        """Say whose token it is."""
        return {"ok": True, "team": "Acme", "user": "handoff"}


def _shown(fields: dict[str, str]) -> dict[str, object]:
    shown: dict[str, object] = {name: fields[name] for name in ("text", "blocks") if name in fields}
    shown |= {"thread_ts": fields["thread_ts"]} if "thread_ts" in fields else {}
    return shown | {"metadata": json.loads(fields["metadata"])}


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as Slack signs it."""
    stamp = str(int(at.timestamp()))
    mac = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={mac.hexdigest()}"}
    return Callback(headers, body, at)


def form(payload: object) -> bytes:
    """Return an interaction's body."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def pressed(action: str = "handoff_claim", user: str = "U1", trigger: str = "12.34.abc") -> bytes:
    """Return what Slack sends when a button is pressed."""
    return form(
        {
            "type": "block_actions",
            "user": {"id": user, "team_id": "T1"},
            "api_app_id": "A1",
            "trigger_id": trigger,
            "channel": {"id": "C1"},
            "actions": [{"action_id": action, "value": "esc_1", "action_ts": "1700000001.1"}],
        }
    )

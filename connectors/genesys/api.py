"""Calls of Genesys Cloud's API, with a token that is fetched once and kept while it holds.

https://developer.genesys.cloud/authorization/platform-auth/use-client-credentials
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from pydantic import JsonValue

from connectors.genesys.conversation import Conversation
from handoff.domain.answers import answered, done, told_in, undocumented
from handoff.domain.connector import Outbound, OutboundReply
from handoff.domain.errors import ConnectorError

EARLY = timedelta(minutes=1)
"""How long before its end a token is no longer used."""
LIFE = 3_600
"""Seconds a token is taken to hold where its answer does not say, at most a day where it does."""
_DENIED, _GONE, _CONFLICT, _BAD = 401, 404, 409, 400


class Api:
    """One organisation, as one OAuth client."""

    def __init__(
        self,
        outbound: Outbound,
        bases: tuple[str, str],
        client: tuple[str, str],
        deadline: float,
    ) -> None:
        """Keep the way out, the bases of API and login, and the client's id and secret."""
        self._outbound = outbound
        self._base, self._login = (one.rstrip("/") for one in bases)
        basic = base64.b64encode(":".join(client).encode()).decode()
        self._signing_in = {
            "authorization": f"Basic {basic}",
            "content-type": "application/x-www-form-urlencoded",
        }
        self._deadline = deadline
        self._token: tuple[str, datetime] | None = None

    def conversation(self, conversation: str, at: datetime) -> Conversation | None:
        """Return a conversation, None where there is none; raise ConnectorError."""
        path = f"/api/v2/conversations/{quote(conversation, safe='')}"
        reply = self._send("GET", path, None, at)
        if reply.status == _GONE:
            return None
        told = answered(reply, at)
        if not told_in(told, "id") or not isinstance(told.get("participants"), list):
            raise undocumented()
        return Conversation.of(told)

    def set_attributes(
        self, conversation: str, participant: str, told: Mapping[str, str], at: datetime
    ) -> None:
        """Set a participant's data; raise ConnectorError."""
        path = f"{_path(conversation, participant)}/attributes"
        self._done(self._send("PATCH", path, {"attributes": dict(told)}, at), at)

    def transfer(self, conversation: str, participant: str, queue: str, at: datetime) -> None:
        """Replace a participant by a queue; raise ConnectorError."""
        about = {"queueId": queue, "transferType": "Unattended"}
        path = f"{_path(conversation, participant)}/replace/queue"
        self._done(self._send("POST", path, about, at), at)

    def create_callback(self, about: Mapping[str, object], at: datetime) -> dict[str, JsonValue]:
        """Return the answer to a new callback; raise ConnectorError."""
        return answered(self._send("POST", "/api/v2/conversations/callbacks", about, at), at)

    def end_callback(self, conversation: str, at: datetime) -> None:
        """End a callback; one that is over is fine; raise ConnectorError."""
        path = f"/api/v2/conversations/callbacks/{quote(conversation, safe='')}"
        reply = self._send("PATCH", path, {"state": "disconnected"}, at)
        if reply.status not in (_BAD, _GONE, _CONFLICT):
            self._done(reply, at)

    def whoami(self, at: datetime) -> str:
        """Return the organisation that the client is of; raise ConnectorError."""
        told = answered(self._send("GET", "/api/v2/tokens/me", None, at), at)
        name = told_in(told, "organization", "name") or told_in(told, "organization", "id")
        if not name:
            raise undocumented()
        return name

    def _done(self, reply: OutboundReply, at: datetime) -> None:
        """Raise unless it was accepted: the answer to a change may be empty."""
        if reply.status == _CONFLICT:  # two changes at a time: told to try again
            raise ConnectorError("the receiver answered 409")
        done(reply, at)

    def _send(
        self, method: str, path: str, about: Mapping[str, object] | None, at: datetime
    ) -> OutboundReply:
        """Return the answer; a token that is no longer taken is replaced once."""
        reply = self._sent(method, path, about, at)
        if reply.status == _DENIED and self._token is not None:
            self._token = None
            reply = self._sent(method, path, about, at)
        return reply

    def _sent(
        self, method: str, path: str, about: Mapping[str, object] | None, at: datetime
    ) -> OutboundReply:
        headers = {"authorization": f"Bearer {self._bearer(at)}", "accept": "application/json"}
        body = b""
        if about is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(about, ensure_ascii=False).encode()
        return self._outbound.send(
            method, self._base + path, body, headers, deadline=self._deadline
        )

    def _bearer(self, at: datetime) -> str:
        """Return a token that holds; raise ConnectorError where the client may not sign in."""
        kept = self._token
        if kept is not None and at < kept[1]:
            return kept[0]
        reply = self._outbound.post(
            f"{self._login}/oauth/token",
            b"grant_type=client_credentials",
            self._signing_in,
            deadline=self._deadline,
        )
        if reply.status == _BAD:  # how Genesys says that it does not know the client
            raise ConnectorError("the receiver answered 400", retryable=False, pause=True)
        told = answered(reply, at)
        token, seconds = told_in(told, "access_token"), told_in(told, "expires_in")
        if not token or not token.isascii() or not token.isprintable():
            raise undocumented()
        life = min(int(seconds), 24 * LIFE) if seconds.isascii() and seconds.isdigit() else LIFE
        self._token = token, at + timedelta(seconds=life) - EARLY
        return token


def _path(conversation: str, participant: str) -> str:
    one, other = quote(conversation, safe=""), quote(participant, safe="")
    return f"/api/v2/conversations/{one}/participants/{other}"

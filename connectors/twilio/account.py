"""An account at Twilio: where it is, what signs for it, and calls of its APIs.

https://www.twilio.com/docs/usage/requests-to-twilio
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, JsonValue, SecretStr

from handoff.domain.answers import answered, told_in
from handoff.domain.connector import Outbound
from handoff.domain.errors import ConnectorError

_STALE, _GONE = 412, 404
_LONGEST_SID = 64
_HEX = "[0-9a-fA-F]{32}$"
Workflow = Annotated[str, Field(pattern=f"^WW{_HEX}")]


class Account(BaseModel):
    """What both connectors of Twilio need to be told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_sid: str = Field(pattern=f"^AC{_HEX}", description="the account")
    auth_token: SecretStr = Field(
        min_length=1, description="auth token: it signs what Twilio calls back with"
    )
    key_sid: str | None = Field(
        default=None, pattern=f"^SK{_HEX}", description="API key to call with; else the auth token"
    )
    key_secret: SecretStr | None = Field(default=None, description="secret of that key")
    workspace_sid: str = Field(pattern=f"^WS{_HEX}", description="workspace of TaskRouter")
    workflow_sid: Workflow = Field(description="workflow of all other queues")
    workflows: dict[str, Workflow] = Field(
        default_factory=dict, description="queue to workflow; the workflow routes"
    )
    task_channel: str | None = Field(
        default=None, max_length=100, description="task channel of all other channels"
    )
    task_channels: dict[str, str] = Field(
        default_factory=dict, description="channel (voice, chat, …) to Twilio's task channel"
    )
    callback_url: str = Field(
        pattern=r"^https?://\S+$",
        description="what the workspace has as event callback URL, letter for letter: it is signed",
    )
    people: dict[str, str] = Field(
        default_factory=dict,
        description="worker's SID or name to the name that a person has here; else the worker's",
    )
    taskrouter_url: HttpUrl = Field(
        default=HttpUrl("https://taskrouter.twilio.com"), description="base of TaskRouter's API"
    )
    deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")


class Api:
    """Calls one of Twilio's APIs as one account."""

    def __init__(self, account: Account, base: HttpUrl, outbound: Outbound) -> None:
        """Keep the way out and the credentials."""
        self._outbound = outbound
        self._base = str(base).rstrip("/")
        self._deadline = account.deadline
        user, secret = account.account_sid, account.auth_token
        if account.key_sid is not None and account.key_secret is not None:
            user, secret = account.key_sid, account.key_secret
        login = base64.b64encode(f"{user}:{secret.get_secret_value()}".encode()).decode()
        self._headers = {"authorization": f"Basic {login}", "accept": "application/json"}

    def get(
        self, path: str, at: datetime, query: Mapping[str, str] | None = None, *, quick: float = 0
    ) -> tuple[dict[str, JsonValue] | None, str]:
        """Return what is there, None where nothing is, and its ETag; raise ConnectorError."""
        url = f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")
        deadline = quick or self._deadline
        reply = self._outbound.send("GET", url, b"", self._headers, deadline=deadline)
        if reply.status == _GONE and not query:
            return None, ""
        return answered(reply, at), reply.headers.get("etag", "")

    def post(
        self, path: str, form: Mapping[str, str], at: datetime, etag: str = ""
    ) -> dict[str, JsonValue]:
        """Return the answer to a change; raise ConnectorError, to be repeated if it was stale."""
        headers = self._headers | {"content-type": "application/x-www-form-urlencoded"}
        if etag:
            headers["if-match"] = etag
        body = urlencode(form).encode()
        reply = self._outbound.post(self._base + path, body, headers, deadline=self._deadline)
        if reply.status == _STALE:  # somebody changed it since we looked: look again
            raise ConnectorError("the receiver answered 412")
        return answered(reply, at)


def sid_in(told: JsonValue, *path: str) -> str:
    """Return the SID at a path, empty where there is none: it will be a piece of a path itself.

    Attributes of tasks are not only ours and Twilio's: workers and visitors' forms write there.
    """
    sid = told_in(told, *path)
    return sid if sid.isascii() and sid.isalnum() and len(sid) <= _LONGEST_SID else ""

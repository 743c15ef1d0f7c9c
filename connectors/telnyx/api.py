"""Calls of Telnyx's Voice API."""

import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from connectors.telnyx.config import Settings
from connectors.telnyx.state import Told
from handoff.domain.answers import answered, told_in, undocumented
from handoff.domain.connector import Outbound

PAGE, PAGES = 250, 8
OVER = frozenset({404, 422})
"""Answers to the end of a leg that is over already."""


class Api:
    """One account's calls."""

    def __init__(self, config: Settings, outbound: Outbound) -> None:
        """Keep the way out and the key."""
        self._outbound = outbound
        self._base = str(config.url).rstrip("/")
        self._connection = config.connection_id
        self._deadline = config.deadline
        self._key = config.api_key.get_secret_value()
        self._headers = {
            "authorization": f"Bearer {self._key}",
            "accept": "application/json",
        }

    def dial(self, call: Mapping[str, object], at: datetime) -> str:
        """Ring somebody and return the new leg; raise ConnectorError."""
        leg = told_in(self._post("/calls", call, at), "data", "call_control_id")
        if not leg:
            raise undocumented()
        return leg

    def command(self, call: str, action: str, about: Mapping[str, object], at: datetime) -> None:
        """Have a leg do something; raise ConnectorError."""
        answer = self._post(f"/calls/{quote(call, safe='')}/actions/{action}", about, at)
        if told_in(answer, "data", "result") != "ok":
            raise undocumented()

    def end(self, call: str, command_id: str, at: datetime) -> None:
        """Hang a leg up, if it is up; raise ConnectorError."""
        path = f"/calls/{quote(call, safe='')}/actions/hangup"
        body = json.dumps({"command_id": f"{command_id}-end"}).encode()
        headers = self._headers | {"content-type": "application/json"}
        reply = self._outbound.post(self._base + path, body, headers, deadline=self._deadline)
        if reply.status not in OVER:
            answered(reply, at)

    def state(self, call: str, at: datetime) -> Told | None:
        """Return what a leg carries, None where it is none of ours; raise ConnectorError."""
        data = self._get(f"/calls/{quote(call, safe='')}", at).get("data")
        if not isinstance(data, dict):
            raise undocumented()
        return Told.of(told_in(data, "client_state"), self._key)

    def active(self, at: datetime) -> list[tuple[str, Told]]:
        """Return the legs of ours that are up on the connection; raise ConnectorError."""
        found: list[tuple[str, Told]] = []
        query = {"page[limit]": str(PAGE)}
        for _page in range(PAGES):
            path = f"/connections/{self._connection}/active_calls?{urlencode(query)}"
            answer = self._get(path, at)
            calls = answer.get("data")
            if not isinstance(calls, list):
                raise undocumented()
            for one in calls:
                told = Told.of(told_in(one, "client_state"), self._key)
                if told is not None:
                    found.append((told_in(one, "call_control_id"), told))
            after = told_in(answer, "meta", "cursors", "after")
            if not after or len(calls) < PAGE:
                break
            query["page[after]"] = after
        return found

    def _post(self, path: str, about: Mapping[str, object], at: datetime) -> dict[str, JsonValue]:
        body = json.dumps(about, ensure_ascii=False).encode()
        headers = self._headers | {"content-type": "application/json"}
        reply = self._outbound.post(self._base + path, body, headers, deadline=self._deadline)
        return answered(reply, at)

    def _get(self, path: str, at: datetime) -> dict[str, JsonValue]:
        url = self._base + path
        reply = self._outbound.send("GET", url, b"", self._headers, deadline=self._deadline)
        return answered(reply, at)

"""Freshdesk on loopback, as its documents say: tickets, their notes, and lists of both."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handoff.domain.connector import Callback
from tests.receiver import Received
from tests.vendors.answers import asked, told

SECRET = "rule-secret-of-freshdesk"
SETTINGS = {
    "key": "tok",
    "requester": "bot@acme.example",
    "callback_secret": SECRET,
    "groups": {"billing": "77"},
    "people": {"5": "ana"},
}
LOGIN = "Basic " + base64.b64encode(b"tok:X").decode()
TOLD = 7
"""The ticket that callbacks are about."""


@dataclass
class Freshdesk:
    """Answers each call; `tickets` by id, `notes` of each, and the ticket that rules tell of."""

    tickets: dict[int, dict[str, object]] = field(default_factory=dict)
    notes: dict[int, list[dict[str, object]]] = field(default_factory=dict)
    told_of: dict[str, object] = field(
        default_factory=lambda: {
            "id": TOLD,
            "status": 2,
            "responder_id": 5,
            "updated_at": "2026-11-23T12:00:00Z",
            "custom_fields": {"cf_handoff": "esc_1"},
        }
    )

    def __call__(self, request: Received) -> Iterator[bytes]:  # noqa: PLR0911 # one a path
        """Answer one call."""
        method, path, query = asked(request)
        if request.headers.get("authorization") != LOGIN:
            refused = {"code": "invalid_credentials", "message": "You have to be logged in"}
            return told(request, refused, "401 Unauthorized")
        match path.removeprefix("/api/v2/").split("/"):
            case ["ticket_fields"]:
                return told(request, [{"id": 1, "name": "cf_handoff"}])
            case ["tickets"] if method == "POST":
                return told(request, self._created(json.loads(request.body)), "201 Created")
            case ["tickets"]:
                first = (int(query["page"]) - 1) * int(query["per_page"])
                page = list(self.tickets.values())[first : first + int(query["per_page"])]
                return told(request, page)
            case ["tickets", number] if number == str(TOLD):
                return told(request, self.told_of)
            case ["tickets", number, *rest] if int(number) in self.tickets:
                return self._one(request, method, int(number), rest)
        return told(request, {}, "404 Not Found")

    def _created(self, ticket: dict[str, object]) -> dict[str, object]:
        number = 1000 + len(self.tickets)
        self.tickets[number] = {"id": number, **ticket}
        self.notes[number] = []
        return self.tickets[number]

    def _one(self, request: Received, method: str, number: int, rest: list[str]) -> Iterator[bytes]:
        if rest == ["conversations"]:
            return told(request, self.notes[number])
        if rest == ["notes"]:
            note = {"id": len(self.notes[number]) + 1, **json.loads(request.body)}
            self.notes[number].append(note)
            return told(request, note, "201 Created")
        if method == "PUT":
            self.tickets[number] |= json.loads(request.body)
        return told(request, self.tickets[number])


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as a rule sends it: with the secret that both sides know."""
    return Callback({"x-handoff-secret": SECRET}, body, at)


RULED = b'{"ticket_id": "7"}'
"""What a rule sends of `{"ticket_id": "{{ticket.id}}"}`."""

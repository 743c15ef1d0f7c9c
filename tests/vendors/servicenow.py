"""ServiceNow's Table API on loopback, as its documents say: incidents and their journal."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handoff.domain.connector import Callback
from tests.receiver import Received
from tests.vendors.answers import asked, told

SECRET = "rule-secret-of-servicenow"
GROUP, ANA, TOLD = "a" * 32, "b" * 32, "c" * 32
SETTINGS = {
    "user": "api",
    "password": "tok",
    "callback_secret": SECRET,
    "groups": {"billing": GROUP},
    "people": {ANA: "ana"},
}
LOGIN = "Basic " + base64.b64encode(b"api:tok").decode()


@dataclass
class ServiceNow:
    """Answers each call; `incidents` by id, the `journal` of all, and what rules tell of."""

    incidents: dict[str, dict[str, object]] = field(default_factory=dict)
    journal: list[dict[str, str]] = field(default_factory=list)
    told_of: dict[str, object] = field(
        default_factory=lambda: {
            "sys_id": TOLD,
            "correlation_id": "esc_1",
            "state": "2",
            "assigned_to": ANA,
            "sys_updated_on": "2026-11-23 12:00:00",
        }
    )

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, query = asked(request)
        if request.headers.get("authorization") != LOGIN:
            error = {"error": {"message": "User Not Authenticated"}, "status": "failure"}
            return told(request, error, "401 Unauthorized")
        table, _, number = path.removeprefix("/api/now/table/").partition("/")
        if method == "POST":
            made = self._changed(f"{len(self.incidents) + 1:032x}", json.loads(request.body))
            return told(request, {"result": made}, "201 Created")
        if number == TOLD:
            return told(request, {"result": self.told_of})
        if number in self.incidents:
            return told(request, {"result": self._changed(number, json.loads(request.body))})
        if number:
            return told(request, {"error": {"message": "No Record found"}}, "404 Not Found")
        return told(request, {"result": self._found(table, query.get("sysparm_query", ""))})

    def _changed(self, number: str, change: dict[str, object]) -> dict[str, object]:
        note = str(change.pop("work_notes", ""))
        if note:
            self.journal.append({"element_id": number, "value": note})
        self.incidents.setdefault(number, {"sys_id": number}).update(change)
        return self.incidents[number]

    def _found(self, table: str, query: str) -> list[object]:
        if table == "sys_journal_field":
            number, _, wanted = query.split("^")
            number, wanted = number.partition("=")[2], wanted.removeprefix("valueLIKE")
            mine = [one for one in self.journal if one["element_id"] == number]
            return [one for one in mine if wanted in one["value"]][:1]
        wanted = query.partition("^")[0].removeprefix("correlation_id=")
        return [one for one in self.incidents.values() if one["correlation_id"] == wanted][:1]


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as a business rule sends it: with the secret that both sides know."""
    return Callback({"x-handoff-secret": SECRET}, body, at)


RULED = json.dumps({"sys_id": TOLD}).encode()

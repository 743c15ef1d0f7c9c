"""Request Tracker 5 by REST 2: a ticket that is kept up to date, and what a scrip of RT tells us.

https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html
"""

import json
from datetime import datetime
from typing import Annotated, ClassVar
from urllib.parse import quote, urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, JsonValue, SecretStr

from connectors.request_tracker.scrip import said
from connectors.request_tracker.tickets import (
    found_in,
    note,
    opening,
    status_line,
    status_of,
    subject,
)
from handoff.domain.answers import done, json_of, told_in, undocumented
from handoff.domain.connector import (
    ENDS,
    NOTHING,
    Callback,
    Moves,
    Outbound,
    OutboundReply,
    Parcel,
    Said,
)
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError
from handoff.domain.standard_webhooks import key_of, sound, verified

_CHANGED_MEANWHILE = 412


class RequestTracker:
    """Opens one ticket and keeps it up to date. Duplicates: at most one, rare.

    RT has no idempotency key: each ticket refers to `handoff:<escalation>`, which is searched for
    before a second try. A create that RT finishes after that search could be done twice. A comment
    has the delivery as its subject, by which it is found.
    """

    class Config(BaseModel):
        """Where RT is, who writes there, and which queue is which."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(description="base, as `https://rt.acme.example`")
        token: SecretStr = Field(min_length=1, description="authentication token of our user")
        secret: Annotated[SecretStr, AfterValidator(sound)] = Field(
            description="whsec_ and base64: the scrip signs with it what it tells"
        )
        queue: str = Field(min_length=1, description="RT's queue of all other queues")
        queues: dict[str, str] = Field(default_factory=dict, description="queue to RT's queue")
        people: dict[str, str] = Field(
            default_factory=dict, description="RT's user name to the name that a person has here"
        )
        priorities: tuple[int, int, int, int, int] = Field(
            default=(100, 75, 50, 25, 0), description="RT's numbers of our priorities 1 to 5"
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    follows: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep the way out and the credentials."""
        self._config = config
        self._outbound = outbound
        self._base = str(config.url).rstrip("/") + "/REST/2.0"
        self._headers = {
            "authorization": f"token {config.token.get_secret_value()}",
            "accept": "application/json",
        }
        self._owners = {name: user for user, name in config.people.items()}

    def deliver(self, parcel: Parcel) -> Receipt:
        """Create the ticket, or change the one there is and say so in a comment."""
        reference = parcel.reference
        if reference is None and (parcel.event != "opened" or parcel.attempt > 1):
            reference = self._found(parcel)
        if reference is None or not reference.isdigit():
            return Receipt(NOTHING) if parcel.event in ENDS else self._created(parcel)
        if parcel.event == "opened":  # a try before this one created it
            return Receipt(reference)
        self._change(reference, parcel)
        comment: JsonValue = {
            "Subject": parcel.delivery_id,
            "Content": note(parcel) if parcel.event == "updated" else status_line(parcel),
            "ContentType": "text/html",
        }
        answer = self._call("POST", f"/ticket/{reference}/comment", parcel.at, comment)
        if not isinstance(answer, list):
            raise undocumented()
        return Receipt(reference)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Find the ticket by what it refers to, a change by its comment, which comes last."""
        reference = parcel.reference
        if reference is None or not reference.isdigit():
            found = self._found(parcel)
            return Receipt(found) if found and parcel.event == "opened" else None
        query = f"TicketId = {reference} AND Subject = '{_plain(parcel.delivery_id)}'"
        path = "/transactions?" + urlencode({"query": query})
        return Receipt(reference) if found_in(self._call("GET", path, parcel.at)) else None

    def check(self, at: datetime) -> str:
        """Return that the token may see the queues; raise ConnectorError."""
        names = dict.fromkeys((self._config.queue, *self._config.queues.values()))
        for name in names:
            if not told_in(self._call("GET", f"/queue/{quote(name, safe='')}", at), "id"):
                raise undocumented()
        return f"the token may see: {', '.join(names)}"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what happened to a ticket; raise Unauthenticated if forged, Invalid if malformed.

        Of what `scrip.pl` beside this file tells.
        """
        verified(callback, (key_of(self._config.secret),))
        return said(callback.body, self._config.people)

    def _created(self, parcel: Parcel) -> Receipt:
        escalation = parcel.escalation
        ticket: dict[str, JsonValue] = {
            "Subject": subject(parcel),
            "RefersTo": [opening(escalation.escalation_id)],
            "Content": note(parcel),
            "ContentType": "text/html",
            **self._fields(parcel),
        }
        reference = told_in(self._call("POST", "/ticket", parcel.at, ticket), "id")
        if not reference.isdigit():
            raise undocumented()
        return Receipt(reference)

    def _fields(self, parcel: Parcel) -> dict[str, JsonValue]:
        """Return what a ticket is to be like from now on."""
        escalation = parcel.escalation
        fields: dict[str, JsonValue] = {
            "Queue": self._config.queues.get(escalation.queue, self._config.queue),
            "Status": status_of(parcel),
            "Priority": self._config.priorities[min(max(escalation.priority, 1), 5) - 1],
        }
        owner = self._owners.get(escalation.owner or "")
        return fields | ({"Owner": owner} if owner else {})

    def _change(self, reference: str, parcel: Parcel) -> None:
        """Change the ticket as it was read; raise ConnectorError, also where RT ignores an end.

        RT answers 200 where a lifecycle or a right forbids a change, and says so in words.
        """
        path = f"/ticket/{reference}"
        read = self._send("GET", path, parcel.at)
        conditions = {"if-match": read.headers["etag"]} if "etag" in read.headers else {}
        fields = self._fields(parcel)
        if not isinstance(self._call("PUT", path, parcel.at, fields, conditions), list):
            raise undocumented()
        if parcel.event not in ENDS:
            return
        status = told_in(self._call("GET", path, parcel.at), "Status")
        if status != fields["Status"]:
            told = f"RT leaves the ticket {status[:40]!r}: look at its lifecycle and our rights"
            raise ConnectorError(told, retryable=False)

    def _found(self, parcel: Parcel) -> str | None:
        """Return the id of the escalation's ticket, None if there is none."""
        named = _plain(opening(parcel.escalation.escalation_id))
        query = urlencode({"query": f"RefersTo = '{named}'", "orderby": "id"})
        ids = found_in(self._call("GET", f"/tickets?{query}", parcel.at))
        return ids[0] if ids else None

    def _call(
        self,
        method: str,
        path: str,
        at: datetime,
        body: JsonValue = None,
        conditions: dict[str, str] | None = None,
    ) -> JsonValue:
        """Return the JSON of an answer, an object or a list; raise ConnectorError."""
        told = json_of(self._send(method, path, at, body, conditions).body)
        if told is None:
            raise undocumented()
        return told

    def _send(
        self,
        method: str,
        path: str,
        at: datetime,
        body: JsonValue = None,
        conditions: dict[str, str] | None = None,
    ) -> OutboundReply:
        headers = self._headers | (conditions or {})
        if body is not None:
            headers |= {"content-type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        deadline = self._config.deadline
        reply = self._outbound.send(method, self._base + path, content, headers, deadline=deadline)
        if reply.status == _CHANGED_MEANWHILE:
            raise ConnectorError("somebody changed the ticket meanwhile")
        done(reply, at)
        return reply


def _plain(text: str) -> str:
    """Return a text that can stand between quotes of RT's query language."""
    return "".join(c for c in text if c.isalnum() or c in "-_:.")

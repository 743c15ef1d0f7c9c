"""Zendesk Support: a ticket whose internal note is the card, and what agents do with it.

https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/ and /webhooks/verifying/
"""

import base64
import binascii
import hmac
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, JsonValue, SecretStr

from handoff.cards import Context, render
from handoff.domain.answers import json_of, told_in, undocumented
from handoff.domain.card import Card, CheckResult
from handoff.domain.connector import (
    ENDS,
    NOTHING,
    WITHDRAWN,
    Callback,
    Moves,
    Outbound,
    Parcel,
    Said,
)
from handoff.domain.delivery import Receipt
from handoff.domain.errors import Invalid, Unauthenticated
from handoff.domain.escalation import Escalation, State
from handoff.domain.json_api import JsonApi
from handoff.domain.signatures import near
from handoff.domain.standing import standing

PRIORITIES = {1: "urgent", 2: "high", 3: "normal", 4: "low", 5: "low"}
TAG = "handoff"
STATUS = {
    State.QUEUED: "open",
    State.RESERVED: "open",
    State.CONNECTING: "open",
    State.ACTIVE: "open",
    State.WRAPPING: "open",
    State.DEFERRED: "hold",
    State.ABANDONED: "pending",
    State.CLOSED: "solved",
}
"""State of ours to the ticket's: one that is solved over there opens again as ours does."""
SUBJECT = 150
_CONFLICT = 409
"""Two changes of one ticket at a time: told to try again."""
_LONGEST = 200
_TEXT = 8_000
_NUMBER = r"^[0-9]{1,20}$"
FieldName = Literal["reason_code", "job", "intent", "language", "channel"]
Number = Annotated[str, Field(pattern=_NUMBER)]


class Zendesk:
    """Opens one ticket and keeps it up to date. Duplicates: none, but for an update's note.

    The ticket has an `Idempotency-Key` for two hours and is found by its `external_id`, our
    escalation, for ever; a note is found by what its audit carries.
    """

    class Config(BaseModel):
        """Where the account is, who writes there, and what tickets get."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(description="base, as `https://acme.zendesk.com`")
        email: str = Field(min_length=3, description="of the user the API token belongs to")
        token: SecretStr = Field(min_length=1, description="API token")
        webhook_secret: SecretStr = Field(min_length=1, description="signing secret of the webhook")
        groups: dict[str, Number] = Field(default_factory=dict, description="queue to group id")
        fields: dict[FieldName, Number] = Field(
            default_factory=dict,
            description="name of ours (reason_code, job, …) to the id of a custom field",
        )
        tags: tuple[str, ...] = Field(default=(), description="tags of each ticket beside ours")
        people: dict[Number, str] = Field(
            default_factory=dict, description="Zendesk's user id to the name that a person has here"
        )
        own_id: Number | None = Field(
            default=None, description="user id of the token's user: what it did is not told back"
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    follows: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called."""
        self._config = config
        user = f"{config.email}/token:{config.token.get_secret_value()}"
        login = {"authorization": "Basic " + base64.b64encode(user.encode()).decode()}
        base = f"{str(config.url).rstrip('/')}/api/v2"
        self._api = JsonApi(outbound, base, login, config.deadline, passing={_CONFLICT})

    def deliver(self, parcel: Parcel) -> Receipt:
        """Create the ticket, or change the one there is; a changed card is a new internal note."""
        reference = parcel.reference
        if reference is None and parcel.event != "opened":
            reference = self._found(parcel)
        if reference is None or not reference.isdigit():
            return Receipt(NOTHING) if parcel.event in ENDS else self._created(parcel)
        ticket = self._changes(parcel)
        self._changed("PUT", f"/tickets/{reference}", parcel, ticket)
        return Receipt(reference)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Find the ticket by its `external_id`, a change by the delivery that its audit carries."""
        reference = parcel.reference
        if reference is None or not reference.isdigit():
            found = self._found(parcel)
            return Receipt(found) if found and parcel.event == "opened" else None
        answer = self._api.told("GET", f"/tickets/{reference}/audits", parcel.at)
        audits = answer.get("audits")
        if not isinstance(audits, list):
            raise undocumented()
        carried = (told_in(one, "metadata", "custom", "delivery_id") for one in audits)
        return Receipt(reference) if parcel.delivery_id in carried else None

    def check(self, at: datetime) -> str:
        """Return that the token may read tickets; raise ConnectorError."""
        query = urlencode({"external_id": "handoff-check"})
        answer = self._api.told("GET", f"/tickets?{query}", at)
        if not isinstance(answer.get("tickets"), list):
            raise undocumented()
        return "the token may read tickets"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what happened to a ticket; raise Unauthenticated if forged, Invalid if malformed.

        Of `ticket.agent_assignment_changed`, `ticket.comment_added` and `ticket.status_changed`.
        """
        self._verify(callback)
        told = json_of(callback.body)
        kind = told_in(told, "type").rpartition(".")[2]
        event_id, escalation_id = told_in(told, "id"), told_in(told, "detail", "external_id")
        if not isinstance(told, dict) or not kind or not 0 < len(event_id) <= _LONGEST:
            raise Invalid("the callback is malformed at: type, id")
        said = self._said(kind, told) if escalation_id else None
        if said is None:
            return ()
        verb, user, details = said
        by = self._config.people.get(user, f"zendesk:{user}"[:_LONGEST])
        return (Said(event_id.replace("\0", ""), verb, escalation_id, by, details),)

    def _said(
        self, kind: str, told: dict[str, JsonValue]
    ) -> tuple[str, str, dict[str, JsonValue]] | None:
        """Return the verb, who did it, and its details; None of what says nothing to us."""
        detail, event = told.get("detail"), told.get("event")
        actor = told_in(detail, "actor_id")
        if kind == "agent_assignment_changed":
            agent = told_in(event, "current")
            return ("assigned", agent, {}) if agent else None
        if kind == "status_changed" and actor != self._config.own_id:
            solved = told_in(event, "current").casefold() in ("solved", "closed")
            return ("resolve", actor, {}) if solved and actor else None
        if kind != "comment_added" or not isinstance(event, dict):
            return None
        comment = event.get("comment")
        author = told_in(comment, "author", "id")
        text = told_in(comment, "body").replace("\0", "")[:_TEXT]
        if not isinstance(comment, dict) or not text or author in ("", self._config.own_id):
            return None
        person = comment.get("author")
        staff = isinstance(person, dict) and person.get("is_staff") is True
        verb = "message" if comment.get("is_public") is True else "note"
        return (verb, author, {"text": text}) if staff else None

    def _verify(self, callback: Callback) -> None:
        """Raise Unauthenticated unless the callback is signed and fresh."""
        timestamp = callback.headers.get("x-zendesk-webhook-signature-timestamp", "")
        given = callback.headers.get("x-zendesk-webhook-signature", "")
        try:
            at = datetime.fromisoformat(timestamp)
            signature = base64.b64decode(given, validate=True)
            late = not near(at, callback.at)
        except (ValueError, TypeError, binascii.Error, OverflowError):
            raise Unauthenticated("the webhook headers are missing or malformed") from None
        key = self._config.webhook_secret.get_secret_value().encode()
        expected = hmac.digest(key, timestamp.encode() + callback.body, "sha256")
        if late or not hmac.compare_digest(expected, signature):
            raise Unauthenticated("the webhook signature does not match or is too old")

    def _created(self, parcel: Parcel) -> Receipt:
        requester = _requester(parcel.card)
        ticket: dict[str, JsonValue] = {
            **self._changes(parcel),
            "subject": parcel.card.headline.replace("{", "{ ")[:SUBJECT],
            "comment": _note(parcel),
            "external_id": parcel.escalation.escalation_id,
            "tags": [TAG, parcel.escalation.reason_code, *self._config.tags],
        }
        if requester:
            ticket["requester"] = requester
        answer = self._changed("POST", "/tickets", parcel, ticket)
        reference = told_in(answer, "ticket", "id")
        if not reference.isdigit():
            raise undocumented()
        return Receipt(reference)

    def _changes(self, parcel: Parcel) -> dict[str, JsonValue]:
        """Return what a ticket is to be like from now on."""
        escalation = parcel.escalation
        withdrawn = parcel.event == "withdrawn"
        ticket: dict[str, JsonValue] = {
            "status": "solved" if withdrawn else STATUS[escalation.state],
            "priority": PRIORITIES.get(escalation.priority, "normal"),
            "metadata": {"delivery_id": parcel.delivery_id},
        }
        group = self._config.groups.get(escalation.queue)
        if group:
            ticket["group_id"] = int(group)
        fields = _fields(escalation, self._config.fields)
        if fields:
            ticket["custom_fields"] = fields
        if parcel.event == "updated":
            ticket["comment"] = _note(parcel)
        elif parcel.event != "opened":
            told = WITHDRAWN if withdrawn else _words(escalation)
            ticket["comment"] = {"body": told, "public": False}
        return ticket

    def _found(self, parcel: Parcel) -> str | None:
        """Return the id of the escalation's ticket, None if there is none."""
        query = urlencode({"external_id": parcel.escalation.escalation_id})
        tickets = self._api.told("GET", f"/tickets?{query}", parcel.at).get("tickets")
        if not isinstance(tickets, list):
            raise undocumented()
        wanted = parcel.escalation.escalation_id
        ids = [told_in(one, "id") for one in tickets if told_in(one, "external_id") == wanted]
        return ids[0] if ids else None

    def _changed(
        self, method: str, path: str, parcel: Parcel, ticket: dict[str, JsonValue]
    ) -> dict[str, JsonValue]:
        key = parcel.delivery_id
        return self._api.told(method, path, parcel.at, {"ticket": ticket}, key=key)


def _note(parcel: Parcel) -> JsonValue:
    context = Context(link=parcel.card_url)
    return {"html_body": render(parcel.card, "zendesk", context), "public": False}


def _words(escalation: Escalation) -> str:
    """Return where the escalation stands, in a line in which Zendesk fills in nothing."""
    return standing(escalation, lambda owner: owner.replace("{", "{ "))[:1_000]


def _fields(escalation: Escalation, fields: dict[FieldName, str]) -> list[JsonValue]:
    values: dict[FieldName, str | None] = {
        "reason_code": escalation.reason_code,
        "job": escalation.job,
        "intent": escalation.intent,
        "language": escalation.language,
        "channel": escalation.channel,
    }
    return [
        {"id": int(number), "value": values[name]}
        for name, number in fields.items()
        if values.get(name)
    ]


def _requester(card: Card) -> JsonValue:
    """Return who asks, where it is verified who they are; else the ticket is the API user's."""
    if card.customer.auth.status is not CheckResult.PASSED:
        return None
    claims = {
        claim.name.casefold(): str(claim.value)
        for claim in card.customer.claimed
        if claim.status == "verified"
    }
    email = claims.get("email", "")
    if "@" not in email or "[" in email:
        return None
    return {"name": claims.get("name", email)[:_LONGEST], "email": email}

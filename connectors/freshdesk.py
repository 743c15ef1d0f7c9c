"""Freshdesk: a ticket whose private note is the card, and what agents do with it.

https://developers.freshdesk.com/api/ and automation rules with "Trigger webhook".
"""

import base64
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from markupsafe import escape
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, JsonValue, SecretStr

from handoff.cards import Context, render
from handoff.domain.answers import json_of, told_in, undocumented
from handoff.domain.card import CheckResult
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
from handoff.domain.errors import ConnectorError, Invalid
from handoff.domain.escalation import State
from handoff.domain.json_api import JsonApi
from handoff.domain.signatures import shared
from handoff.domain.standing import ended

HEADER = "x-handoff-secret"
"""Header in which a rule's webhook sends what both sides know."""
PRIORITIES = {1: 4, 2: 3, 3: 2, 4: 1, 5: 1}
OPEN, PENDING, RESOLVED, CLOSED = 2, 3, 4, 5
STATUS = {State.DEFERRED: PENDING, State.ABANDONED: PENDING, State.CLOSED: RESOLVED}
TAG = "handoff"
SUBJECT = 150
PAGES, PAGE = 5, 100
BEFORE = timedelta(minutes=5)
"""How far before the opening tickets are looked through: clocks differ."""
Number = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]


class Freshdesk:
    """Opens one ticket and keeps it up to date. Duplicates: at most one, rare.

    Freshdesk has no idempotency key: before a ticket is created anew it is looked for by its field
    among those changed since, and a note by the delivery it names. A ticket that was made and is
    not listed yet could be made again.
    """

    class Config(BaseModel):
        """Where the account is, whose key it is, and what tickets get."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(description="base, as `https://acme.freshdesk.com`")
        key: SecretStr = Field(min_length=1, description="API key of an agent")
        requester: str = Field(
            min_length=3, description="e-mail that tickets are from while nobody is verified"
        )
        callback_secret: SecretStr = Field(
            min_length=16, description="what rules send as `x-handoff-secret`: nothing is signed"
        )
        field: str = Field(
            default="cf_handoff",
            pattern=r"^cf_[a-z0-9_]{1,60}$",
            description="text field of tickets for the escalation's id, not shown to customers",
        )
        groups: dict[str, Number] = Field(default_factory=dict, description="queue to group id")
        tags: tuple[str, ...] = Field(default=(), description="tags of each ticket beside ours")
        people: dict[Number, str] = Field(
            default_factory=dict, description="id of an agent there to the name they have here"
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    follows: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called, and the secret that callbacks carry."""
        self._config = config
        self._secret = config.callback_secret.get_secret_value()
        login = base64.b64encode(f"{config.key.get_secret_value()}:X".encode()).decode()
        base = f"{str(config.url).rstrip('/')}/api/v2"
        headers = {"authorization": f"Basic {login}"}
        self._api = JsonApi(outbound, base, headers, config.deadline)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Create the ticket or change the one there is; then write what there is to say."""
        number = self._known(parcel)
        if number is None and parcel.event in ENDS:
            return Receipt(NOTHING)
        if number is None:
            number = self._created(parcel)
        elif parcel.event != "opened":
            self._api.told("PUT", f"/tickets/{number}", parcel.at, self._changes(parcel))
        note = _note(parcel)
        if note and not (parcel.attempt > 1 and self._noted(parcel, number)):
            body: JsonValue = {"body": note, "private": True}
            self._api.told("POST", f"/tickets/{number}/notes", parcel.at, body)
        return Receipt(number)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Look for the note, which comes last; a change without one is repeated."""
        number = self._known(parcel, search=True)
        done = number is not None and bool(_note(parcel)) and self._noted(parcel, number)
        return Receipt(number) if done and number else None

    def check(self, at: datetime) -> str:
        """Return that tickets have the field; raise ConnectorError if they have not."""
        fields = self._api.listed("GET", "/ticket_fields", at)
        name = self._config.field
        if name not in {told_in(one, "name") for one in fields}:
            raise ConnectorError(f"tickets have no field {name}", retryable=False)
        return f"tickets have the field {name}"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return how the ticket stands that a rule tells of; raise Unauthenticated or Invalid.

        Rules paste words into what they send and sign nothing, so a ticket's number is all that is
        taken from it. What became of the ticket is read from Freshdesk itself.
        """
        shared(self._secret, callback.headers.get(HEADER, ""))
        told = json_of(callback.body)
        number = told_in(told, "ticket_id")
        if not (number.isascii() and number.isdigit() and len(number) <= 18):
            raise Invalid("the callback is malformed at: ticket_id")
        try:
            ticket = self._api.told("GET", f"/tickets/{number}", callback.at, quick=True)
        except ConnectorError as error:
            raise Invalid(f"Freshdesk could not be asked: {error.message}") from None
        escalation_id = told_in(ticket, "custom_fields", self._config.field)
        agent = told_in(ticket, "responder_id")
        over = told_in(ticket, "status") in (str(RESOLVED), str(CLOSED))
        verb = "resolve" if over else "assigned"
        if not escalation_id or not (over or agent):
            return ()
        by = self._config.people.get(agent, f"freshdesk:{agent}"[:200])
        event_id = f"{number}:{verb}:{told_in(ticket, 'updated_at')[:100]}:{agent}"
        return (Said(event_id, verb, escalation_id, by, {}),)

    def _known(self, parcel: Parcel, *, search: bool = False) -> str | None:
        """Return the ticket's number, looked for where it was not told and could be there."""
        reference = parcel.reference or ""
        if reference.isascii() and reference.isdigit():
            return reference
        first = parcel.event == "opened" and parcel.attempt == 1 and not search
        return None if first else self._found(parcel)

    def _found(self, parcel: Parcel) -> str | None:
        since = (parcel.escalation.opened_at - BEFORE).astimezone(UTC)
        query = {"updated_since": since.strftime("%Y-%m-%dT%H:%M:%SZ"), "per_page": str(PAGE)}
        for page in range(1, PAGES + 1):
            told = urlencode({**query, "page": str(page)})
            tickets = self._api.listed("GET", f"/tickets?{told}", parcel.at)
            for one in tickets:
                held = told_in(one, "custom_fields", self._config.field)
                if held == parcel.escalation.escalation_id:
                    return told_in(one, "id")
            if len(tickets) < PAGE:
                break
        return None

    def _noted(self, parcel: Parcel, number: str) -> bool:
        """Tell whether the ticket has a note of this delivery."""
        for page in range(1, PAGES + 1):
            told = urlencode({"per_page": str(PAGE), "page": str(page)})
            notes = self._api.listed("GET", f"/tickets/{number}/conversations?{told}", parcel.at)
            if any(parcel.delivery_id in told_in(one, "body") for one in notes):
                return True
            if len(notes) < PAGE:
                break
        return False

    def _created(self, parcel: Parcel) -> str:
        escalation = parcel.escalation
        ticket: dict[str, JsonValue] = {
            **self._changes(parcel),
            "subject": parcel.card.headline.replace("{", "{ ")[:SUBJECT],
            # The customer sees the description: the card is a private note.
            "description": "A conversation with our assistant was handed over.",
            "email": _verified(parcel) or self._config.requester,
            "tags": [TAG, escalation.reason_code[:32], *self._config.tags],
            "custom_fields": {self._config.field: escalation.escalation_id},
        }
        number = told_in(self._api.told("POST", "/tickets", parcel.at, ticket), "id")
        if not number.isdigit():
            raise undocumented()
        return number

    def _changes(self, parcel: Parcel) -> dict[str, JsonValue]:
        """Return what a ticket is to be like from now on."""
        escalation = parcel.escalation
        status = CLOSED if parcel.event == "withdrawn" else STATUS.get(escalation.state, OPEN)
        ticket: dict[str, JsonValue] = {
            "status": status,
            "priority": PRIORITIES.get(escalation.priority, 2),
        }
        group = self._config.groups.get(escalation.queue)
        ids = [key for key, name in self._config.people.items() if name == escalation.owner]
        ticket |= {"group_id": int(group)} if group else {}
        return ticket | ({"responder_id": int(ids[0])} if ids else {})


def _note(parcel: Parcel) -> str:
    """Return the note of a delivery, with its id, by which it is found again."""
    if parcel.event in ("opened", "updated"):
        # Freshdesk takes the same little HTML as Zendesk, and fills in the same placeholders.
        told = render(parcel.card, "zendesk", Context(link=parcel.card_url))
    elif parcel.event in ENDS:
        withdrawn = parcel.event == "withdrawn"
        told = f"<p>{WITHDRAWN if withdrawn else ended(parcel.escalation, _inert)}</p>"
    else:
        return ""
    return f"{told.rstrip()}<p>{parcel.delivery_id}</p>"


def _inert(text: str) -> str:
    """Return HTML of a text in which Freshdesk fills in nothing."""
    return escape(text.replace("{", "{ "))


def _verified(parcel: Parcel) -> str:
    """Return the customer's e-mail address where it is verified who they are, else nothing."""
    customer = parcel.card.customer
    if customer.auth.status is not CheckResult.PASSED:
        return ""
    emails = (
        str(claim.value)
        for claim in customer.claimed
        if claim.name.casefold() == "email" and claim.status == "verified"
    )
    email = next(emails, "")
    return email if "@" in email and "[" not in email else ""

"""ServiceNow: an incident with the card in its work notes, and what people do with it.

https://docs.servicenow.com/ Table API; a business rule tells us which incident changed.
"""

import base64
from datetime import datetime
from typing import Annotated, ClassVar
from urllib.parse import urlencode

import re2
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, JsonValue, SecretStr

from handoff.cards import Context, render
from handoff.domain.answers import dict_in, json_of, list_in, told_in, undocumented
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
from handoff.domain.escalation import Escalation, State
from handoff.domain.json_api import JsonApi
from handoff.domain.signatures import shared
from handoff.domain.standing import standing
from handoff.templating import one_line

HEADER = "x-handoff-secret"
"""Header in which a business rule sends what both sides know."""
URGENCY = {1: "1", 2: "1", 3: "2", 4: "3", 5: "3"}
NEW, WORKING, ON_HOLD, RESOLVED, CLOSED, CANCELED = "1", "2", "3", "6", "7", "8"
STATES = {State.QUEUED: NEW, State.RESERVED: NEW, State.DEFERRED: ON_HOLD, State.CLOSED: RESOLVED}
AWAITING_CALLER = "1"
"""Why an incident is on hold; ServiceNow wants one of its reasons."""
SHOWN = "sys_id,correlation_id,state,assigned_to,sys_updated_on"
LONGEST = 160
"""Characters of a short description."""
_SYS_ID = r"^[a-f0-9]{32}$"
_IS_ID = re2.compile(_SYS_ID)
_CODE = re2.compile(r"(?i)\[(/?code)\]")
SysId = Annotated[str, Field(pattern=_SYS_ID)]


class ServiceNow:
    """Opens one incident and keeps it up to date. Duplicates: at most one, rare.

    `correlation_id` is the escalation's id, by which the incident is looked for before one is made
    again; ServiceNow does not keep it unique. Each work note names its delivery.
    """

    class Config(BaseModel):
        """Where the instance is, who writes there, and which queue is which group."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(description="base, as `https://acme.service-now.com`")
        user: str = Field(min_length=1, max_length=100, description="name of the API's user")
        password: SecretStr = Field(min_length=1, description="the user's password")
        callback_secret: SecretStr = Field(
            min_length=16,
            description="what business rules send as `x-handoff-secret`: nothing is signed",
        )
        table: str = Field(
            default="incident", pattern=r"^[a-z][a-z0-9_]{0,79}$", description="incidents' table"
        )
        groups: dict[str, SysId] = Field(
            default_factory=dict, description="queue to the `sys_id` of a group"
        )
        people: dict[SysId, str] = Field(
            default_factory=dict, description="`sys_id` of a user to the name they have here"
        )
        caller: SysId | None = Field(default=None, description="`sys_id` of whom incidents are for")
        close_code: str = Field(
            default="Solution provided", max_length=40, description="resolution code of an end"
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    follows: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called, and the secret that callbacks carry."""
        self._config = config
        self._secret = config.callback_secret.get_secret_value()
        login = f"{config.user}:{config.password.get_secret_value()}".encode()
        headers = {"authorization": f"Basic {base64.b64encode(login).decode()}"}
        base = f"{str(config.url).rstrip('/')}/api/now/table"
        self._api = JsonApi(outbound, base, headers, config.deadline)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Create the incident, or change the one there is; each is one call with its work note."""
        reference = self._known(parcel)
        if reference is None and parcel.event in ENDS:
            return Receipt(NOTHING)
        table, query = self._config.table, urlencode({"sysparm_fields": SHOWN})
        changes = self._changes(parcel)
        if reference is None:
            answer = self._api.told("POST", f"/{table}?{query}", parcel.at, self._new(parcel))
        elif parcel.event == "opened" and self._noted(parcel, reference):
            return Receipt(reference)
        else:
            path = f"/{table}/{reference}?{query}"
            answer = self._api.told("PATCH", path, parcel.at, changes)
        found = told_in(answer, "result", "sys_id")
        if not _IS_ID.search(found):
            raise undocumented()
        return Receipt(found)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Find the incident by its correlation id, a change by the delivery in its work notes."""
        reference = self._known(parcel, search=True)
        if reference is None:
            return None
        found = parcel.event == "opened" or self._noted(parcel, reference)
        return Receipt(reference) if found else None

    def check(self, at: datetime) -> str:
        """Return that the user may read incidents; raise ConnectorError."""
        query = urlencode({"sysparm_fields": "sys_id", "sysparm_limit": "1"})
        if "result" not in self._api.told("GET", f"/{self._config.table}?{query}", at):
            raise undocumented()
        return f"the user may read {self._config.table}"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return how the incident stands that a rule tells of; raise Unauthenticated or Invalid.

        Nothing is signed, so an incident's id is all that is taken from it. What became of the
        incident is read from ServiceNow itself.
        """
        shared(self._secret, callback.headers.get(HEADER, ""))
        told = json_of(callback.body)
        reference = told_in(told, "sys_id")
        if not _IS_ID.search(reference):
            raise Invalid("the callback is malformed at: sys_id")
        query = urlencode({"sysparm_fields": SHOWN, "sysparm_exclude_reference_link": "true"})
        path = f"/{self._config.table}/{reference}?{query}"
        try:
            incident = dict_in(self._api.told("GET", path, callback.at, quick=True), "result")
        except ConnectorError as error:
            raise Invalid(f"ServiceNow could not be asked: {error.message}") from None
        escalation_id, who = told_in(incident, "correlation_id"), told_in(incident, "assigned_to")
        over = told_in(incident, "state") in (RESOLVED, CLOSED)
        if not escalation_id or not (over or who):
            return ()
        verb = "resolve" if over else "assigned"
        by = self._config.people.get(who, f"servicenow:{who}"[:200])
        event_id = f"{reference}:{verb}:{told_in(incident, 'sys_updated_on')[:40]}:{who[:40]}"
        return (Said(event_id, verb, escalation_id, by, {}),)

    def _known(self, parcel: Parcel, *, search: bool = False) -> str | None:
        """Return the incident's `sys_id`, looked for where it was not told and could be there."""
        if parcel.reference and _IS_ID.search(parcel.reference):
            return parcel.reference
        if parcel.event == "opened" and parcel.attempt == 1 and not search:
            return None
        wanted = parcel.escalation.escalation_id
        found = self._first(
            parcel, self._config.table, f"correlation_id={wanted}^ORDERBYsys_created_on", SHOWN
        )
        same = told_in(found, "correlation_id") == wanted  # an unknown field matches everything
        return told_in(found, "sys_id") or None if same else None

    def _noted(self, parcel: Parcel, reference: str) -> bool:
        """Tell whether the incident has a work note of this delivery."""
        wanted = f"element_id={reference}^element=work_notes^valueLIKE{parcel.delivery_id}"
        found = self._first(parcel, "sys_journal_field", wanted, "value")
        return parcel.delivery_id in told_in(found, "value")

    def _first(self, parcel: Parcel, table: str, wanted: str, fields: str) -> JsonValue:
        asked = {"sysparm_query": wanted, "sysparm_fields": fields, "sysparm_limit": "1"}
        answer = self._api.told("GET", f"/{table}?{urlencode(asked)}", parcel.at)
        if not isinstance(answer.get("result"), list):
            raise undocumented()
        return next(iter(list_in(answer, "result")), None)

    def _new(self, parcel: Parcel) -> dict[str, JsonValue]:
        incident: dict[str, JsonValue] = {
            **self._changes(parcel),
            "short_description": _inert(one_line(parcel.card.headline))[:LONGEST],
            "correlation_id": parcel.escalation.escalation_id,
            "correlation_display": "handoff",
        }
        return incident | ({"caller_id": self._config.caller} if self._config.caller else {})

    def _changes(self, parcel: Parcel) -> dict[str, JsonValue]:
        """Return what an incident is to be like from now on, and its work note."""
        escalation = parcel.escalation
        withdrawn = parcel.event == "withdrawn"
        state = CANCELED if withdrawn else STATES.get(escalation.state, WORKING)
        urgency = URGENCY.get(escalation.priority, "2")
        incident: dict[str, JsonValue] = {"urgency": urgency, "impact": urgency, "state": state}
        if state == ON_HOLD:
            incident["hold_reason"] = AWAITING_CALLER
        if state in (RESOLVED, CANCELED):
            told = WITHDRAWN if withdrawn else _words(escalation)
            incident |= {"close_code": self._config.close_code, "close_notes": told}
        group = self._config.groups.get(escalation.queue)
        incident |= {"assignment_group": group} if group else {}
        ids = [key for key, name in self._config.people.items() if name == escalation.owner]
        incident |= {"assigned_to": ids[0]} if ids else {}
        return {**incident, "work_notes": _note(parcel)}


def _note(parcel: Parcel) -> str:
    """Return the work note of a delivery, with its id, by which it is found again."""
    if parcel.event in ("opened", "updated"):
        told = _inert(render(parcel.card, "text", Context(link=parcel.card_url)))
        told += f"\n{parcel.card_url}" if parcel.card_url else ""
    else:
        told = WITHDRAWN if parcel.event == "withdrawn" else _words(parcel.escalation)
    return f"{told.rstrip()}\n{parcel.delivery_id}"


def _inert(text: str) -> str:
    """Return text in which nothing is markup: a journal shows HTML between `[code]` tags."""
    shown: str = _CODE.sub(r"[ \1 ]", text)
    return shown


def _words(escalation: Escalation) -> str:
    return standing(escalation, lambda owner: _inert(one_line(owner)))[:1_000]

"""Intercom: the card as a note on the customer's conversation, and who the conversation is for.

https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations and
https://developers.intercom.com/docs/webhooks
"""

import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, ClassVar

from markupsafe import Markup, escape
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
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated
from handoff.domain.escalation import GIVEN_BACK, Escalation, State
from handoff.domain.json_api import JsonApi
from handoff.domain.signatures import mark, marked, same
from handoff.domain.standing import ended

EXTERNAL = "intercom_conversation_id"
"""What the runtime tells: the conversation's number."""
VERSION = "2.15"
NOBODY = "0"
_ID = 100
_TEXT = 8_000
Number = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
Step = tuple[str, str, dict[str, JsonValue]]
"""A call that is left to make: method, last piece of its path, and what it sends."""


class Intercom:
    """Writes the card into the conversation and assigns it to a team. Duplicates: none.

    Several calls make up a delivery; each is made only where the conversation is not yet so, and a
    note is looked for by the delivery it names. Of more than 500 parts Intercom shows the latest.
    """

    class Config(BaseModel):
        """The app's token and secret, who writes, and which queue is which team."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(
            default=HttpUrl("https://api.intercom.io"), description="base of the API, by region"
        )
        token: SecretStr = Field(min_length=1, description="access token of the app")
        client_secret: SecretStr = Field(
            min_length=8, description="the app's client secret, which signs its webhooks"
        )
        admin_id: Number = Field(description="id of the teammate in whose name we write")
        attribute: str = Field(
            default="handoff",
            pattern=r"^[A-Za-z][A-Za-z0-9_ ]{0,99}$",
            description="text attribute of conversations, created in the workspace before, that "
            "says whose escalation it is",
        )
        teams: dict[str, Number] = Field(default_factory=dict, description="queue to team id")
        people: dict[Number, str] = Field(
            default_factory=dict, description="id of a teammate there to the name they have here"
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.LIVE_MESSAGING})
    follows: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called, and the secret by which what it says is known."""
        self._config = config
        self._secret = config.client_secret.get_secret_value()
        token = config.token.get_secret_value()
        headers = {"authorization": f"Bearer {token}", "intercom-version": VERSION}
        self._api = JsonApi(outbound, str(config.url), headers, config.deadline)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Make the calls that the conversation still needs."""
        number = self._number(parcel)
        if number is None:
            return Receipt(NOTHING)
        for method, name, body in self._needed(parcel, number):
            self._api.told(method, f"/conversations/{number}{name}", parcel.at, body)
        return Receipt(number)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Tell whether the conversation is as the delivery wants it; None where a call is left."""
        number = self._number(parcel)
        if number is None:
            return Receipt(NOTHING)
        return None if any(self._needed(parcel, number)) else Receipt(number)

    def check(self, at: datetime) -> str:
        """Return whose token it is; raise ConnectorError."""
        return f"the token is {told_in(self._api.told('GET', '/me', at), 'name')}'s"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what teammates did; raise Unauthenticated if forged, Invalid if malformed.

        The signature covers the body and no header: a repeat is known by its id in the body.
        """
        expected = hmac.digest(self._secret.encode(), callback.body, "sha1").hex()
        if not same(f"sha1={expected}", callback.headers.get("x-hub-signature", "")):
            raise Unauthenticated("the webhook signature is missing or does not match")
        told = json_of(callback.body)
        topic, event_id = told_in(told, "topic"), told_in(told, "id")
        if topic == "ping":
            return ()
        if not topic or not 0 < len(event_id) <= _ID:
            raise Invalid("the callback is malformed at: topic, id")
        item = dict_in(told, "data", "item")
        ours = told_in(item, "custom_attributes", self._config.attribute)
        escalation_id = marked(self._secret, told_in(item, "id"), ours)
        done = self._done(topic.rpartition(".")[2], item) if escalation_id else None
        if done is None:
            return ()
        verb, by, details = done
        by = self._config.people.get(by, f"intercom:{by}"[:200])
        return (Said(event_id.replace("\0", ""), verb, escalation_id, by, details),)

    def _done(
        self, topic: str, item: dict[str, JsonValue]
    ) -> tuple[str, str, dict[str, JsonValue]] | None:
        """Return the verb, who did it and its details; None of what says nothing to us."""
        parts = list_in(item, "conversation_parts", "conversation_parts")
        part = parts[-1] if parts else None
        author = told_in(part, "author", "id")
        teammate = told_in(part, "author", "type") == "admin" and author != self._config.admin_id
        if topic == "assigned":
            who = told_in(item, "admin_assignee_id")
            return ("assigned", who, {}) if teammate and who not in ("", NOBODY) else None
        if not teammate or not author:
            return None
        if topic == "closed":
            return "resolve", author, {}
        verb = {"replied": "message", "noted": "note"}.get(topic)
        html = Markup(told_in(part, "body"))  # noqa: S704 # its tags are taken out
        text = html.striptags().replace("\0", "")[:_TEXT]
        return (verb, author, {"text": text}) if verb and text else None

    def _number(self, parcel: Parcel) -> str | None:
        """Return the conversation's number; None for an end of what never began there."""
        number = parcel.reference or parcel.external.get(EXTERNAL, "")
        if number.isascii() and number.isdigit():
            return number
        if parcel.event in ENDS:
            return None
        raise ConnectorError(f"the conversation has no external.{EXTERNAL}", retryable=False)

    def _needed(self, parcel: Parcel, number: str) -> Iterator[Step]:
        """Yield the calls that are left; none for the end of what another one took over."""
        there = self._api.told("GET", f"/conversations/{number}", parcel.at)
        if told_in(there, "id") != number:
            raise undocumented()
        attribute, ours = self._config.attribute, parcel.escalation.escalation_id
        told = told_in(there, "custom_attributes", attribute)
        if parcel.event != "opened" and marked(self._secret, number, told) not in ("", ours):
            return
        mine = mark(self._secret, number, ours)
        if told != mine:
            yield "PUT", "", {"custom_attributes": {attribute: mine}}
        note = _note(parcel)
        parts = list_in(there, "conversation_parts", "conversation_parts")
        if note and not any(parcel.delivery_id in told_in(one, "body") for one in parts):
            body: dict[str, JsonValue] = {"message_type": "note", "type": "admin", "body": note}
            yield "POST", "/reply", {**body, "admin_id": self._config.admin_id}
        yield from self._moved(parcel, there)

    def _moved(self, parcel: Parcel, there: dict[str, JsonValue]) -> Iterator[Step]:
        """Yield what opens, closes or assigns the conversation, where it is not yet so."""
        escalation, state = parcel.escalation, told_in(there, "state")
        given_back = parcel.event == "withdrawn" or escalation.outcome in GIVEN_BACK
        if parcel.event in ENDS and not given_back:
            if state != "closed":
                yield self._part("close", type="admin")
            return
        waits = parcel.event == "opened" or escalation.state is State.QUEUED
        if state not in ("", "open") and waits and parcel.event not in ENDS:
            yield self._part("open")
        yield from self._freed(there) if parcel.event in ENDS else self._routed(escalation, there)

    def _freed(self, there: dict[str, JsonValue]) -> Iterator[Step]:
        """Yield what leaves the conversation to nobody."""
        for kind, name in (("admin", "admin_assignee_id"), ("team", "team_assignee_id")):
            if told_in(there, name) not in ("", NOBODY):
                yield self._part("assignment", type=kind, assignee_id=NOBODY)

    def _routed(self, escalation: Escalation, there: dict[str, JsonValue]) -> Iterator[Step]:
        """Yield what brings the conversation to its team, and to who has it."""
        team = self._config.teams.get(escalation.queue)
        if team and told_in(there, "team_assignee_id") != team:
            yield self._part("assignment", type="team", assignee_id=team)
        assignee = told_in(there, "admin_assignee_id")
        ids = [key for key, name in self._config.people.items() if name == escalation.owner]
        if ids and assignee not in ids:
            yield self._part("assignment", type="admin", assignee_id=ids[0])
        elif escalation.state is State.QUEUED and assignee in self._config.people:
            yield self._part("assignment", type="admin", assignee_id=NOBODY)

    def _part(self, kind: str, **more: str) -> Step:
        return "POST", "/parts", {"message_type": kind, "admin_id": self._config.admin_id, **more}


def _note(parcel: Parcel) -> str:
    """Return the note of a delivery, with its id, by which it is found again."""
    if parcel.event in ("opened", "updated"):
        told = render(parcel.card, "intercom", Context(link=parcel.card_url))
    elif parcel.event == "withdrawn":
        told = f"<p>{WITHDRAWN}</p>"
    elif parcel.event == "closed":
        told = f"<p>{ended(parcel.escalation, escape)}</p>"
    else:
        return ""
    return f"{told.rstrip()}<p>{parcel.delivery_id}</p>"

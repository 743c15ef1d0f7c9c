"""Zendesk messaging: control of the customer's conversation, passed with the card's fields.

https://developer.zendesk.com/documentation/conversations/messaging-platform/programmable-conversations/switchboard
"""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, JsonValue, SecretStr

from handoff.cards import Context, render
from handoff.cards.fields import size
from handoff.domain.answers import dict_in, json_of, list_in, told_in, undocumented
from handoff.domain.connector import (
    ENDS,
    NOTHING,
    Acknowledgement,
    Callback,
    Moves,
    Outbound,
    Parcel,
    Said,
)
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError, Invalid
from handoff.domain.json_api import JsonApi
from handoff.domain.signatures import mark, marked, shared

EXTERNAL = "sunshine_conversation_id"
FIRST = "sunshine_first_message_id"
"""What the runtime tells: the conversation, and the message from which people see it."""
MARK, DELIVERY = "handoff.mark", "handoff.delivery"
"""Keys of the conversation's metadata: whose escalation it is, signed, and what was sent last."""
ROOM = 4_096
"""Bytes of metadata as JSON."""
_ID = 100
_TEXT = 8_000


class Sunshine:
    """Passes control to the people's integration, and takes it back. Duplicates: none.

    Whoever has control already is passed nothing again. The card's fields go with the control, so
    they are there before the first message makes the ticket; this connector writes no message.
    """

    class Config(BaseModel):
        """Which app, by whose key, and which integrations people and the bot have."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(description="base, as `https://acme.zendesk.com/sc`")
        app_id: str = Field(pattern=r"^[A-Za-z0-9]{1,50}$", description="id of the app")
        key_id: str = Field(pattern=r"^[A-Za-z0-9_]{1,100}$", description="id of the API key")
        key_secret: SecretStr = Field(min_length=1, description="secret of the API key")
        webhook_secret: SecretStr = Field(
            min_length=8, description="the webhook's secret, sent as `X-API-Key`"
        )
        people: str = Field(
            default="zd:agentWorkspace",
            min_length=1,
            max_length=128,
            description="integration of the people, by type or name",
        )
        bot: str | None = Field(
            default=None,
            max_length=128,
            description="integration that has control after them; without it, the default one",
        )
        offer: bool = Field(
            default=False,
            description="offer control, to be accepted over there, instead of passing",
        )
        groups: dict[str, str] = Field(
            default_factory=dict,
            description="queue to the id of the group that its tickets are for",
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.LIVE_MESSAGING})

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called, and the secret that callbacks carry."""
        self._config = config
        self._secret = config.webhook_secret.get_secret_value()
        login = f"{config.key_id}:{config.key_secret.get_secret_value()}"
        headers = {"authorization": "Basic " + base64.b64encode(login.encode()).decode()}
        base = f"{str(config.url).rstrip('/')}/v2/apps/{config.app_id}"
        self._api = JsonApi(outbound, base, headers, config.deadline)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Write the card to the conversation's metadata, then move control where that is wanted."""
        reference = self._reference(parcel)
        if reference is None:
            return Receipt(NOTHING)
        place, at = f"/conversations/{reference}", parcel.at
        there = self._there(parcel, reference)
        metadata = dict_in(there, "metadata")
        whose = marked(self._secret, reference, told_in(metadata, MARK))
        if parcel.event != "opened" and whose not in ("", parcel.escalation.escalation_id):
            return Receipt(reference)  # escalated anew since: control is the later one's
        others = {key: value for key, value in metadata.items() if not key.startswith("handoff.")}
        kept = _fitted({**others, **self._ours(parcel, reference)}, _fields(parcel))
        self._api.told("PATCH", place, at, {"metadata": kept})
        if parcel.event == "opened":
            action = "offerControl" if self._config.offer else "passControl"
            body = {"switchboardIntegration": self._config.people}
            passed = _fitted(self._passed(parcel, reference), _fields(parcel))
            self._api.told("POST", f"{place}/{action}", at, {**body, "metadata": passed})
        elif parcel.event in ENDS and self._have_it(there):
            body = {"switchboardIntegration": self._config.bot} if self._config.bot else {}
            action = "passControl" if body else "releaseControl"
            told: JsonValue = {**body, "metadata": self._ours(parcel, reference)}
            self._api.told("POST", f"{place}/{action}", at, told)
        return Receipt(reference)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Tell whether the conversation has the delivery's fields, and control is where it goes."""
        reference = self._reference(parcel)
        if reference is None:
            return Receipt(NOTHING)
        there = self._there(parcel, reference)
        if told_in(there, "metadata", DELIVERY) != parcel.delivery_id:
            return None
        wanted = {"opened": True, "withdrawn": False, "closed": False}.get(parcel.event)
        done = wanted is None or self._have_it(there) is wanted
        return Receipt(reference) if done else None

    def check(self, at: datetime) -> str:
        """Return how many switchboards the key can read; raise ConnectorError."""
        answer = self._api.told("GET", "/switchboards", at)
        return f"the key may read {len(list_in(answer, 'switchboards'))} switchboards"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what people did; raise Unauthenticated without the secret, Invalid if malformed.

        The secret proves who calls, not what was said nor when: its repeats are known by their ids.
        """
        shared(self._secret, callback.headers.get("x-api-key", ""))
        told = json_of(callback.body)
        events = told.get("events") if isinstance(told, dict) else None
        if not isinstance(events, list) or not events:
            raise Invalid("the callback is malformed at: events")
        return tuple(said for event in events for said in self._said(event))

    def acknowledge(self, callback: Callback, refused: str | None) -> Acknowledgement:  # noqa: ARG002 # the port's arguments
        """Answer that it was heard: what cannot be done now cannot be done when it is repeated."""
        return Acknowledgement()

    def _said(self, event: JsonValue) -> Iterator[Said]:
        event_id, kind = told_in(event, "id"), told_in(event, "type")
        if not 0 < len(event_id) <= _ID or not kind:
            raise Invalid("the callback is malformed at: events.id, events.type")
        payload = dict_in(event, "payload")
        conversation = dict_in(payload, "conversation")
        reference = told_in(conversation, "id")
        told = told_in(conversation, "metadata", MARK)
        escalation_id = marked(self._secret, reference, told)
        ours = marked(self._secret, reference, told_in(payload, "metadata", MARK))
        done = self._done(kind, payload) if escalation_id and not ours else None
        if done:
            verb, by, details = done
            yield Said(event_id.replace("\0", ""), verb, escalation_id, by, details)

    def _done(
        self, kind: str, payload: dict[str, JsonValue]
    ) -> tuple[str, str, dict[str, JsonValue]] | None:
        """Return the verb, who did it and its details; None of what says nothing to us."""
        people = self._config.people
        kind, _, failed = kind.removeprefix("switchboard:").partition(":")
        if kind == "conversation":
            return self._written(payload) if failed == "message" else None
        if failed and kind in ("passControl", "offerControl", "acceptControl"):
            why = told_in(payload, "error", "message") or told_in(payload, "reason")
            return "note", people, {"text": f"{kind} failed: {why or 'no reason given'}"[:1_000]}
        if kind == "acceptControl":
            return "note", people, {"text": "control was accepted"}
        back = kind == "releaseControl" or (
            kind == "passControl" and not self._have_it(dict_in(payload, "conversation"))
        )
        return ("return", people, {"brief": {}}) if back else None

    def _written(
        self, payload: dict[str, JsonValue]
    ) -> tuple[str, str, dict[str, JsonValue]] | None:
        """Return what a person said to the customer, or what the system says became of it."""
        message = dict_in(payload, "message")
        author, content = dict_in(message, "author"), dict_in(message, "content")
        activity = told_in(message, "activity", "type")
        if author.get("type") != "business":
            return ("left", "customer", {}) if activity == "conversation:endedByUser" else None
        if activity == "ticket:closed":
            return "resolve", self._config.people, {}
        agent = "agent" in list_in(author, "subtypes") or (
            told_in(message, "source", "type") == "zd:agentWorkspace" and "subtypes" not in author
        )
        text = told_in(content, "text").replace("\0", "")[:_TEXT]
        if activity or not agent or not text.strip():
            return None
        by = told_in(author, "displayName").replace("\0", "")[:200] or self._config.people
        return "message", by, {"text": text}

    def _reference(self, parcel: Parcel) -> str | None:
        """Return the conversation's id; None for an end of what never began there."""
        reference = parcel.reference or parcel.external.get(EXTERNAL, "")
        if reference.isascii() and reference.isalnum() and reference != NOTHING:
            return reference
        if parcel.event in ENDS:
            return None
        raise ConnectorError(f"the conversation has no external.{EXTERNAL}", retryable=False)

    def _there(self, parcel: Parcel, reference: str) -> dict[str, JsonValue]:
        answer = self._api.told("GET", f"/conversations/{reference}", parcel.at)
        there = dict_in(answer, "conversation")
        if told_in(there, "id") != reference:
            raise undocumented()
        return there

    def _have_it(self, there: dict[str, JsonValue]) -> bool:
        """Tell whether people have control of a conversation, or were offered it."""
        kinds = ("activeSwitchboardIntegration", "pendingSwitchboardIntegration")
        names = ("id", "name", "integrationType")
        return any(
            told_in(there, kind, name) == self._config.people for kind in kinds for name in names
        )

    def _ours(self, parcel: Parcel, reference: str) -> dict[str, JsonValue]:
        signed = mark(self._secret, reference, parcel.escalation.escalation_id)
        return {MARK: signed, DELIVERY: parcel.delivery_id}

    def _passed(self, parcel: Parcel, reference: str) -> dict[str, JsonValue]:
        told = self._ours(parcel, reference)
        first = parcel.external.get(FIRST)
        group = self._config.groups.get(parcel.escalation.queue)
        told |= {"first_message_id": first} if first else {}
        return told | ({"dataCapture.systemField.group_id": group} if group else {})


def _fields(parcel: Parcel) -> dict[str, JsonValue]:
    context = Context(link=parcel.card_url, customer_language=parcel.escalation.language)
    fields: dict[str, JsonValue] = json.loads(render(parcel.card, "sunshine", context))
    return fields


def _fitted(first: dict[str, JsonValue], more: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what must be there, and as many of the card's fields as still fit, in their order."""
    told = dict(first)
    for key, value in more.items():
        if size({**told, key: value}) <= ROOM:
            told[key] = value
    return told

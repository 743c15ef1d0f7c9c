"""Contact events as EventBridge hands them over, and what they say of an escalation.

https://docs.aws.amazon.com/connect/latest/adminguide/contact-events.html

EventBridge signs nothing: an API destination sends the API key of its connection in a header, over
TLS. The key is all that proves a callback: without one configured none is taken. An event carries
no attributes of the contact: whose it is, the contact is asked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from connectors.amazon_connect.api import Api
from connectors.amazon_connect.told import THING
from handoff.cards.carried import MARK
from handoff.domain.answers import json_of, told_in
from handoff.domain.connector import Callback, Said
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated
from handoff.domain.signatures import marked, shared

OLDEST, AHEAD = timedelta(hours=24), timedelta(minutes=5)
"""EventBridge repeats for a day; what is older is no repeat of its."""
MATTER = frozenset({"CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"})
MOVED = frozenset({"TRANSFERRED", "CONTACT_FLOW_DISCONNECT"})
_LONGEST = 200


class Ear:
    """Understands the events of one instance."""

    def __init__(
        self, api: Api, instance: str, header: str, key: str | None, people: Mapping[str, str]
    ) -> None:
        """Keep what proves a callback, whom to ask, and who is who."""
        self._api = api
        self._instance = instance
        self._header = header
        self._key = key
        self._people = people

    def said(self, callback: Callback) -> tuple[Said, ...]:
        """Return what an event says; raise Unauthenticated if forged or old, else Invalid."""
        shared(self._key, callback.headers.get(self._header, ""))
        event = json_of(callback.body)
        detail = event.get("detail") if isinstance(event, dict) else None
        event_id, kind = told_in(event, "id"), told_in(detail, "eventType")
        if not isinstance(detail, dict) or not kind or not 0 < len(event_id) <= _LONGEST:
            raise Invalid("the callback is malformed at: id, detail")
        _fresh(told_in(event, "time"), callback.at)
        ours = told_in(detail, "instanceArn").rpartition("/")[2] == self._instance
        verb_details = _event(kind, detail) if ours and kind in MATTER else None
        contact = told_in(detail, "initialContactId") or told_in(detail, "contactId")
        if verb_details is None or not contact.isascii() or not 0 < len(contact) <= _LONGEST:
            return ()
        escalation_id = self._whose(contact, callback.at)
        if not escalation_id:
            return ()
        verb, details = verb_details
        who = self._who(told_in(detail, "agentInfo", "agentArn"))
        return (Said(event_id.replace("\0", ""), verb, escalation_id, who, details),)

    def _whose(self, contact: str, at: datetime) -> str:
        """Return the escalation that a contact carries; raise Invalid where Amazon does not say."""
        try:
            carried = self._api.attributes(contact, at) or {}
        except ConnectorError as error:
            raise Invalid(f"Amazon could not be asked: {error.message}") from None
        return marked(self._key, THING, carried.get(MARK, "")) if self._key else ""

    def _who(self, arn: str) -> str:
        agent = arn.rpartition("/")[2].replace("\0", "")
        return self._people.get(agent, f"amazon:{agent}" if agent else "amazon")[:_LONGEST]


def _event(kind: str, detail: dict[str, JsonValue]) -> tuple[str, dict[str, JsonValue]] | None:
    """Return the verb of an event and its details; None of what says nothing to us."""
    voice = told_in(detail, "channel") == "VOICE"
    agent = bool(told_in(detail, "agentInfo", "agentArn"))
    moved = told_in(detail, "disconnectReason") in MOVED
    leg = {"leg_id": told_in(detail, "contactId")}
    match kind:
        case "CONNECTED_TO_AGENT":
            return ("leg", {**leg, "state": "bridged"}) if voice else ("assigned", {})
        case "DISCONNECTED" if agent and not moved:
            return ("leg", {**leg, "state": "ended"}) if voice else ("wrapping", {})
        case "DISCONNECTED" if told_in(detail, "channel") != "TASK" and not agent:
            return None if moved else ("left", {})
        case "COMPLETED" if agent and not moved:
            return "resolve", {}
        case _:
            return None


def _fresh(time: str, at: datetime) -> None:
    """Raise Unauthenticated for an event of another day, Invalid for one without a time."""
    try:
        age = at - datetime.fromisoformat(time)
    except (ValueError, TypeError, OverflowError):
        raise Invalid("the callback is malformed at: time") from None
    if not -AHEAD <= age <= OLDEST:
        raise Unauthenticated("the event is too old")

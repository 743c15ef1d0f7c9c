"""Events of Genesys Cloud: each is only a hint to look how the conversation stands.

They come as Amazon EventBridge hands them over (topics `v2.detail.events.conversation.{id}.*`), or
from any process of the customer's that posts the same. Neither is signed: an API key in a header is
all that proves them, and without one configured none is taken. Events may be late, twice and in any
order; the conversation itself says who has it now.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from connectors.genesys.api import Api
from connectors.genesys.conversation import Conversation, Participant
from handoff.cards.carried import MARK
from handoff.domain.answers import json_of, told_in
from handoff.domain.connector import Callback, Said
from handoff.domain.errors import ConnectorError, Invalid
from handoff.domain.signatures import marked, shared

THING = "genesys"
"""What a mark in the participant data is for: no other system's mark will do."""
TOPIC = "v2.detail.events.conversation."
MATTER = frozenset({"user.start", "user.end", "acd.end", "acw", "wrapup", "customer.end"})
_LONGEST = 200
Told = tuple[str, dict[str, JsonValue], Participant | None]


class Ear:
    """Understands the events of one organisation."""

    def __init__(self, api: Api, header: str, key: str | None, people: Mapping[str, str]) -> None:
        """Keep whom to ask, what proves an event, and who is who."""
        self._api = api
        self._header = header
        self._key = key
        self._people = people

    def said(self, callback: Callback) -> tuple[Said, ...]:
        """Return how the conversation stands; raise Unauthenticated if forged, else Invalid."""
        shared(self._key, callback.headers.get(self._header, ""))
        event = json_of(callback.body)
        topic = told_in(event, "detail", "topicName") or told_in(event, "detail-type")
        event_id = told_in(event, "id")
        if not topic or not 0 < len(event_id) <= _LONGEST:
            raise Invalid("the event is malformed at: id, detail.topicName")
        conversation = told_in(event, "detail", "eventBody", "conversationId")
        kind = topic.removeprefix(f"{TOPIC}{conversation}.").removeprefix(f"{TOPIC}{{id}}.")
        if kind not in MATTER or not conversation.isascii() or len(conversation) > _LONGEST:
            return ()
        try:
            there = self._api.conversation(conversation, callback.at)
        except ConnectorError as error:
            raise Invalid(f"Genesys could not be asked: {error.message}") from None
        carried = there.carried.get(MARK, "") if there else ""
        escalation_id = marked(self._key, THING, carried) if self._key else ""
        told = standing(there) if there and escalation_id else None
        if told is None:
            return ()
        verb, details, person = told
        said = Said(
            event_id.replace("\0", ""), verb, escalation_id[:_LONGEST], self._who(person), details
        )
        return (said,)

    def _who(self, person: Participant | None) -> str:
        user = person.user if person else ""
        known = self._people.get(user, f"genesys:{user}" if user else "genesys")
        return known.replace("\0", "")[:_LONGEST]


def standing(there: Conversation) -> Told | None:
    """Return what a conversation as it stands says to us; None where it waits, or is the bot's."""
    people = there.people
    up = [one for one in people if one.up]
    if up:
        return _connected(up[-1])
    coming = [one for one in people if one.coming]
    if coming:
        return "reserved", {}, coming[-1]
    if there.waits:
        return _missed(people[-1]) if people else None
    if there.holder is not None:
        return None  # a bot or a flow has them: what people did before is not of this
    had = [one for one in people if one.had]
    if had:
        verb = "resolve" if had[-1].wrapped else "wrapping"
        return verb, {}, had[-1]
    return ("left", {}, None) if there.left else None


def _connected(person: Participant) -> Told:
    if not person.voice:
        return "assigned", {}, person
    leg: dict[str, JsonValue] = {"leg_id": person.id[:_LONGEST], "state": "bridged"}
    return "leg", leg, person


def _missed(person: Participant) -> Told | None:
    """Return that a person it was offered to did not take it, and it waits again."""
    return None if person.had else ("unreserved", {"result": "no_answer"}, person)

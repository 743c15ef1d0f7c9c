"""What people at Chatwoot do, as its webhooks tell it.

Signed since version 4.13 (`X-Chatwoot-Signature` over timestamp and body); what older ones send is
unsigned, and refused.
"""

import hashlib
import hmac
from collections.abc import Mapping

from pydantic import JsonValue

from connectors.chatwoot.steps import MARK, STATE
from handoff.domain.answers import dict_in, json_of, list_in, told_in
from handoff.domain.connector import Callback, Said
from handoff.domain.errors import Invalid, Unauthenticated
from handoff.domain.signatures import fresh, marked, same

_TEXT = 8_000
_OUTGOING = frozenset({"outgoing", "1"})
_OVER = frozenset({"withdrawn", "closed"})
"""States of ours in which a change of status is our own doing, or too late."""
ELSEWHERE = "chatwoot:phone"
"""Whoever answers in the channel's own app: Chatwoot does not know who."""


class Ear:
    """Understands callbacks of one account."""

    def __init__(
        self, secret: str, account_id: str, people: Mapping[str, str], own_ids: tuple[str, ...]
    ) -> None:
        """Keep the webhook's secret, and who is who over there."""
        self._secret = secret
        self._account = account_id
        self._people = people
        self._own = own_ids

    def said(self, callback: Callback) -> tuple[Said, ...]:
        """Return what was done; raise Unauthenticated if forged, Invalid if malformed."""
        self._verify(callback)
        told = json_of(callback.body)
        event = told_in(told, "event")
        if not isinstance(told, dict) or not event or told.get("event") != event:
            raise Invalid("the callback is malformed at: event")
        if told_in(told, "account", "id") not in ("", self._account):
            return ()
        about = dict_in(told, "conversation") if event.startswith("message") else told
        attributes = dict_in(about, "custom_attributes")
        escalation_id = marked(self._secret, told_in(about, "id"), told_in(attributes, MARK))
        done = self._done(event, told, attributes) if escalation_id else None
        if done is None:
            return ()
        verb, by, details = done
        # A repeat has the same body; the header with the delivery's id is not signed.
        event_id = hashlib.sha256(callback.body).hexdigest()
        if event == "message_created" and told_in(told, "id"):
            event_id = f"message:{told_in(told, 'id')[:100]}"
        return (Said(event_id, verb, escalation_id, by, details),)

    def _done(
        self, event: str, told: dict[str, JsonValue], attributes: dict[str, JsonValue]
    ) -> tuple[str, str, dict[str, JsonValue]] | None:
        """Return the verb, who did it and its details; None of what says nothing to us."""
        if event == "message_created":
            return self._written(told)
        assignee = dict_in(told, "meta", "assignee")
        person = told_in(told, "meta", "assignee_type") in ("", "User") and bool(assignee)
        by = self._name(told_in(assignee, "id")) if person else "chatwoot"
        if event == "conversation_status_changed" and attributes.get(STATE) not in _OVER:
            verb = {"resolved": "resolve", "pending": "return"}.get(told_in(told, "status"))
            return (verb, by, {"brief": {}} if verb == "return" else {}) if verb else None
        if event == "conversation_updated" and person and _reassigned(told):
            return "assigned", by, {}
        return None

    def _written(self, told: dict[str, JsonValue]) -> tuple[str, str, dict[str, JsonValue]] | None:
        """Return what a person wrote: a note, or words to the customer, which take the floor."""
        text = told_in(told, "content").replace("\0", "")[:_TEXT]
        if told_in(told, "message_type") not in _OUTGOING or not text.strip():
            return None
        sender = dict_in(told, "sender")
        number, private = told_in(sender, "id"), told.get("private") is True
        if not sender and dict_in(told, "content_attributes").get("external_echo") is True:
            return "message", ELSEWHERE, {"text": text}
        if told_in(sender, "type") != "user" or not number or number in self._own:
            return None
        return "note" if private else "message", self._name(number), {"text": text}

    def _name(self, number: str) -> str:
        return self._people.get(number, f"chatwoot:{number}"[:200])

    def _verify(self, callback: Callback) -> None:
        """Raise Unauthenticated unless the callback is signed and fresh."""
        second = callback.headers.get("x-chatwoot-timestamp", "")
        given = callback.headers.get("x-chatwoot-signature", "")
        if not fresh(second, callback.at):
            raise Unauthenticated("the webhook's timestamp is missing, malformed or too old")
        message = f"{second}.".encode() + callback.body
        expected = hmac.digest(self._secret.encode(), message, "sha256").hex()
        if not same(f"sha256={expected}", given):
            raise Unauthenticated("the webhook signature does not match")


def _reassigned(told: dict[str, JsonValue]) -> bool:
    """Tell whether an update changed who the conversation is assigned to."""
    changes = list_in(told, "changed_attributes")
    return any(isinstance(one, dict) and "assignee_id" in one for one in changes)

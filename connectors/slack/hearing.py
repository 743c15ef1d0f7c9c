"""What Slack's buttons, modals and threads say to us."""

from datetime import datetime

from pydantic import JsonValue

from connectors.slack.api import Api
from connectors.slack.blocks import ACTIONS, RETURN, brief_of, carried, return_modal
from connectors.slack.payloads import first_action, needed
from connectors.slack.people import People
from handoff.domain.answers import told_in
from handoff.domain.connector import Said
from handoff.domain.errors import ConnectorError, Invalid

QUICK = 0.9
"""Seconds for a call while Slack waits for our answer: two of them leave time within its three."""


class Ear:
    """Understands verified payloads; asks Slack for what they do not carry."""

    def __init__(self, api: Api, people: People, say: str) -> None:
        """Keep whom to ask; `say` begins what the customer is to hear."""
        self._api = api
        self._people = people
        self._say = say

    def said(self, payload: dict[str, JsonValue], at: datetime) -> tuple[Said, ...]:
        """Return what a payload says; raise Invalid where it cannot be understood.

        Slack may not answer what has to be asked: whoever pressed is told so, and presses again.
        """
        try:
            return self._understood(payload, at)
        except ConnectorError as error:
            raise Invalid(f"Slack could not be asked: {error.message}") from None

    def _understood(self, payload: dict[str, JsonValue], at: datetime) -> tuple[Said, ...]:
        match payload.get("type"):
            case "block_actions":
                return self._pressed(payload, at)
            case "view_submission":
                return self._submitted(payload, at)
            case "event_callback":
                return self._written(payload, at)
            case "url_verification":
                return ()
            case _:
                raise Invalid("the callback is malformed at: type")

    def _pressed(self, payload: dict[str, JsonValue], at: datetime) -> tuple[Said, ...]:
        action = first_action(payload)
        name = told_in(action, "action_id")
        if name not in ACTIONS:
            return ()  # a link, or a button of another part of the app
        escalation_id = needed(action, "value")
        who = self._people.name(needed(payload, "user", "id"), at)
        verb = ACTIONS[name][1]
        if verb == "return":
            view = {
                "trigger_id": needed(payload, "trigger_id"),
                "view": return_modal(escalation_id),
            }
            self._api.post("views.open", view, at, deadline=QUICK)
            return ()
        return (Said(f"{name}:{needed(action, 'action_ts')}", verb, escalation_id, who, {}),)

    def _submitted(self, payload: dict[str, JsonValue], at: datetime) -> tuple[Said, ...]:
        view = payload.get("view")
        if told_in(view, "callback_id") != RETURN:
            return ()
        state = view.get("state") if isinstance(view, dict) else None
        values = state.get("values") if isinstance(state, dict) else None
        brief = brief_of(values if isinstance(values, dict) else {})
        who = self._people.name(needed(payload, "user", "id"), at)
        escalation_id = needed(view, "private_metadata")
        return (Said(f"view:{needed(view, 'id')}", "return", escalation_id, who, {"brief": brief}),)

    def _written(self, payload: dict[str, JsonValue], at: datetime) -> tuple[Said, ...]:
        event = payload.get("event")
        thread, text = told_in(event, "thread_ts"), told_in(event, "text").replace("\0", "")
        written = isinstance(event, dict) and event.get("type") == "message" and thread and text
        if not written or told_in(event, "bot_id") or told_in(event, "subtype"):
            return ()
        place = {"channel": needed(event, "channel"), "ts": thread, "limit": "1"}
        arguments = place | {"include_all_metadata": "true"}
        answer = self._api.get("conversations.replies", arguments, at, deadline=QUICK)
        messages = answer.get("messages")
        parent = messages[0] if isinstance(messages, list) and messages else None
        escalation_id = told_in(parent, "metadata", "event_payload", "escalation_id")
        ours = told_in(parent, "app_id") == needed(payload, "api_app_id")
        if not (ours and carried(parent) and escalation_id):
            return ()
        who = self._people.name(needed(event, "user"), at)
        say = text.casefold().startswith(self._say.casefold())
        told = text[len(self._say) :].strip() if say else text
        verb = "message" if say else "note"
        event_id = needed(payload, "event_id")
        return (Said(event_id, verb, escalation_id, who, {"text": told}),) if told else ()

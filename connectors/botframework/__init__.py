"""Bot Framework: `handoff.initiate` to the agent hub of a conversation, `handoff.status` from it.

https://learn.microsoft.com/azure/bot-service/bot-service-design-pattern-handoff-human
"""

import json
from typing import ClassVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, JsonValue, SecretStr

from connectors.botframework.tokens import Keys, Login
from handoff.cards import Context, render
from handoff.cards.botframework import BUDGET
from handoff.cards.fields import packed, size
from handoff.domain.answers import dict_in, json_of, list_in, refusal, told_in
from handoff.domain.connector import ENDS, WITHDRAWN, Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated

NO_EDIT = frozenset({400, 404, 405, 501})
"""Answers of channels that cannot change an activity: it is sent anew."""
DELIVERY = "handoff_delivery_id"
_UNAUTHORIZED = 401
_ID = 200
_TEXT = 1_000


class BotFramework:
    """Sends the handoff event with the card. Duplicates: possible, under the same delivery id.

    The Connector API has no key and no way to ask what it has, so an unknown outcome is repeated;
    hubs tell repeats apart by `value.handoff_delivery_id`.
    """

    class Config(BaseModel):
        """The bot's identity, and where its conversations are."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(
            description="the channel's service URL; no other one is ever sent the bot's token"
        )
        app_id: str = Field(pattern=r"^[A-Za-z0-9-]{1,100}$", description="the bot's app id")
        app_secret: SecretStr = Field(min_length=1, description="the bot's client secret")
        bot_id: str = Field(default="", max_length=200, description="the bot's id on the channel")
        channel: str = Field(
            default="directline", pattern=r"^[a-z0-9-]{1,50}$", description="id of the channel"
        )
        login_url: HttpUrl = Field(
            default=HttpUrl("https://login.microsoftonline.com/botframework.com"),
            description="where tokens are had, of the bot's own directory if it has a single one",
        )
        keys_url: HttpUrl = Field(
            default=HttpUrl("https://login.botframework.com/v1/.well-known/openidconfiguration"),
            description="OpenID metadata of who signs what calls back",
        )
        issuer: str = Field(
            default="https://api.botframework.com", description="who signs what calls back"
        )
        hub_id: str = Field(
            default="",
            max_length=200,
            description="the agent hub's id on the channel: nobody else is heard then; without it "
            "whoever is no `user` there",
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.LIVE_MESSAGING})

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep the way out, the bot's login, and the keys by which callbacks are known."""
        self._config = config
        self._outbound = outbound
        secret = config.app_secret.get_secret_value()
        self._login = Login(outbound, str(config.login_url), config.app_id, secret, config.deadline)
        self._keys = Keys(outbound, str(config.keys_url), config.issuer, config.app_id)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Send the event, or change the one there is; an end is a `handoff.status` to the hub."""
        event = self._ended(parcel) if parcel.event in ENDS else self._initiated(parcel)
        known = parcel.reference if parcel.event not in ENDS else None
        if known:
            try:
                return Receipt(self._sent(parcel, "PUT", f"/{quote(known, safe='')}", event))
            except _NoEditError:
                pass
        sent = self._sent(parcel, "POST", "", event)
        return Receipt((parcel.reference or sent) if parcel.event in ENDS else sent)

    def look_up(self, parcel: Parcel) -> Receipt | None:  # noqa: ARG002 # the port's argument
        """Raise ConnectorError: the Connector API does not tell what it has."""
        raise ConnectorError("the Connector API cannot be asked", unknown=True, retryable=False)

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what the hub says; raise Unauthenticated without its token, Invalid if malformed.

        The token proves who calls and for which service, not what was said.
        """
        claims, endorsed = self._keys.verified(
            callback.headers.get("authorization", ""), callback.at
        )
        told = json_of(callback.body)
        if not isinstance(told, dict) or not isinstance(told.get("type"), str):
            raise Invalid("the callback is malformed at: type")
        service, channel = told_in(told, "serviceUrl"), told_in(told, "channelId")
        if claims.get("serviceurl", service) != service or (endorsed and channel not in endorsed):
            raise Unauthenticated("the token is for another service or channel")
        status = told["type"] == "event" and told_in(told, "name") == "handoff.status"
        return _said(told) if status and self._of_the_hub(told) else ()

    def _of_the_hub(self, told: JsonValue) -> bool:
        """Tell whether the hub says it: a channel signs what its visitors send, events too."""
        if told_in(told, "channelId") != self._config.channel:
            return False
        if self._config.hub_id:
            return told_in(told, "from", "id") == self._config.hub_id
        return told_in(told, "from", "role").casefold() != "user"

    def _initiated(self, parcel: Parcel) -> dict[str, JsonValue]:
        """Return the event with Copilot's variables, the card, and the customer's last words."""
        context = Context(
            link=parcel.card_url,
            customer_language=parcel.escalation.language,
            channel_id=self._config.channel,
        )
        event: dict[str, JsonValue] = json.loads(render(parcel.card, "botframework", context))
        event |= self._envelope(parcel)
        value = {**dict_in(event, "value"), DELIVERY: parcel.delivery_id}
        event["value"] = value | {"va_ConversationId": parcel.escalation.conversation_id}
        with_words: list[JsonValue] = [*list_in(event, "attachments"), self._transcript(parcel)]
        full = {**event, "attachments": with_words}
        return full if parcel.card.quotes and size(full) <= BUDGET else event

    def _transcript(self, parcel: Parcel) -> JsonValue:
        """Return what the card quotes as a transcript; the whole of it stays where the card is."""
        said: list[JsonValue] = [
            {
                "type": "message",
                "channelId": self._config.channel,
                "conversation": {"id": parcel.escalation.conversation_id},
                "from": {"id": "customer", "name": "customer", "role": "user"},
                "text": quoted.text,
            }
            for quoted in parcel.card.quotes
        ]
        content: JsonValue = {"activities": said}
        return {"contentType": "application/json", "name": "Transcript", "content": content}

    def _ended(self, parcel: Parcel) -> dict[str, JsonValue]:
        """Return what tells the hub that it is over, in its own word: the protocol has no other."""
        withdrawn = parcel.event == "withdrawn"
        told = WITHDRAWN if withdrawn else str(parcel.escalation.outcome or "closed")
        state = "failed" if withdrawn else "completed"
        value: JsonValue = {"state": state, "message": told, DELIVERY: parcel.delivery_id}
        event: dict[str, JsonValue] = {"type": "event", "name": "handoff.status", "value": value}
        return event | {"channelId": self._config.channel, **self._envelope(parcel)}

    def _envelope(self, parcel: Parcel) -> dict[str, JsonValue]:
        told: dict[str, JsonValue] = {"conversation": {"id": parcel.escalation.conversation_id}}
        bot = self._config.bot_id
        return told | ({"from": {"id": bot, "name": bot, "role": "bot"}} if bot else {})

    def _sent(self, parcel: Parcel, method: str, path: str, event: dict[str, JsonValue]) -> str:
        """Return the id that an activity was given; the delivery's where none was told."""
        place = quote(parcel.escalation.conversation_id, safe="")
        reply = self._outbound.send(
            method,
            f"{str(self._config.url).rstrip('/')}/v3/conversations/{place}/activities{path}",
            packed(event).encode(),
            {
                "authorization": f"Bearer {self._login.token(parcel.at)}",
                "content-type": "application/json",
            },
            deadline=self._config.deadline,
        )
        if reply.status == _UNAUTHORIZED:
            self._login.forget()
        if path and reply.status in NO_EDIT:
            raise _NoEditError
        error = refusal(reply.status, reply.headers, parcel.at)
        if error is not None:
            raise error
        told = json_of(reply.body)
        return told_in(told, "id")[:_ID] or parcel.reference or parcel.delivery_id


class _NoEditError(Exception):
    """The channel cannot change what was sent."""


def _said(told: dict[str, JsonValue]) -> tuple[Said, ...]:
    """Return what a `handoff.status` means here; raise Invalid where it is malformed."""
    event_id, conversation = told_in(told, "id"), told_in(told, "conversation", "id")
    state = told_in(told, "value", "state")
    if not 0 < len(event_id) <= _ID or not 0 < len(conversation) <= _ID or not state:
        raise Invalid("the callback is malformed at: id, conversation.id, value.state")
    by = (told_in(told, "from", "name") or "agent hub").replace("\0", "")[:_ID]
    message = told_in(told, "value", "message").replace("\0", "")[:_TEXT]
    verbs: dict[str, tuple[tuple[str, dict[str, JsonValue]], ...]] = {
        "accepted": (("assigned", {}),),
        "failed": (
            ("note", {"text": f"the hub found nobody: {message or 'no reason given'}"}),
            ("unreserved", {"result": "failed"}),
        ),
        "completed": (("return", {"brief": {"done": message} if message else {}}),),
    }
    event_id, conversation = event_id.replace("\0", ""), conversation.replace("\0", "")
    return tuple(
        Said(f"{event_id}:{verb}", verb, "", by, details, conversation_id=conversation)
        for verb, details in verbs.get(state, ())
    )

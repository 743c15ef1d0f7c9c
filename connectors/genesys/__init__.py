"""Genesys Cloud: a live conversation goes to a queue with its data; else a callback waits there.

https://developer.genesys.cloud/routing/conversations/ and the API's resource `conversations`.
"""

from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from connectors.genesys.api import Api
from connectors.genesys.conversation import Conversation
from connectors.genesys.events import THING, Ear
from handoff.cards.carried import PREFIX, carried
from handoff.domain.answers import told_in, undocumented
from handoff.domain.connector import ENDS, NOTHING, Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError
from handoff.domain.escalation import State

CONVERSATION = "genesys_conversation_id"
"""Name of the live conversation among what the runtime tells."""
LIVE, CALLBACK = "conversation", "callback"
PHONES = frozenset({"phone", "phone_number", "callback_number"})
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")]


class Genesys:
    """Transfers a live conversation, or leaves a callback. Duplicates: none live, callbacks can.

    A conversation is looked at before each step: what is done is not done again. Callbacks have no
    idempotency key and cannot be searched for: one whose outcome is unknown is asked for again. A
    conversation that was transferred cannot be taken back: `handoff_state` says that it was.
    """

    class Config(BaseModel):
        """The OAuth client, the queues, and what events authenticate themselves with."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        client_id: str = Field(min_length=1, description="OAuth client (client credentials)")
        client_secret: SecretStr = Field(min_length=1, description="its secret")
        queue_id: Id = Field(description="id of the queue for all other queues")
        queues: dict[str, Id] = Field(default_factory=dict, description="queue to Genesys's id")
        people: dict[str, str] = Field(
            default_factory=dict, description="user's id to the name that a person has here"
        )
        callback_header: str = Field(
            default="x-handoff-key",
            pattern=r"^[a-z0-9-]{1,60}$",
            description="header of the API key that events bring, in lower case",
        )
        callback_key: SecretStr | None = Field(
            default=None,
            min_length=24,
            description="that API key; without it every callback is refused",
        )
        url: HttpUrl = Field(
            default=HttpUrl("https://api.mypurecloud.com"), description="base of the region's API"
        )
        login_url: HttpUrl = Field(
            default=HttpUrl("https://login.mypurecloud.com"), description="base of its login"
        )
        deadline: float = Field(default=10.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.LIVE_VOICE, Moves.LIVE_MESSAGING, Moves.WORK_ITEM})
    follows: ClassVar = True
    routes: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called."""
        self._config = config
        self._api = Api(
            outbound,
            (str(config.url), str(config.login_url)),
            (config.client_id, config.client_secret.get_secret_value()),
            config.deadline,
        )
        key = config.callback_key.get_secret_value() if config.callback_key else None
        self._key = key
        self._ear = Ear(self._api, config.callback_header, key, config.people)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Take the steps that are not taken yet, or leave a callback; say how it stands."""
        kind, _, known = (parcel.reference or "").partition(":")
        live = known or parcel.external.get(CONVERSATION, "")
        if not live:
            return Receipt(NOTHING) if parcel.event in ENDS else self._callback(parcel)
        there = self._api.conversation(live, parcel.at)
        if there is None:
            if parcel.event in ENDS:
                return Receipt(parcel.reference or NOTHING)
            raise ConnectorError("there is no such conversation at Genesys", retryable=False)
        self._tell(parcel, there)
        if kind == CALLBACK:
            if parcel.event in ENDS:
                self._api.end_callback(live, parcel.at)
            return Receipt(f"{CALLBACK}:{live}")
        if parcel.event == "opened":
            self._transfer(parcel, there)
        return Receipt(f"{LIVE}:{live}")

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Look at the conversation: what it carries and where it is; callbacks cannot be asked."""
        kind, _, known = (parcel.reference or "").partition(":")
        live = known or parcel.external.get(CONVERSATION, "")
        if not live:
            raise ConnectorError("callbacks cannot be searched for", retryable=False, unknown=True)
        there = self._api.conversation(live, parcel.at)
        if there is None or there.carried.get(f"{PREFIX}delivery_id") != parcel.delivery_id:
            return None
        if kind == CALLBACK and parcel.event in ENDS:
            return None
        gone = parcel.event != "opened" or there.handed_to(self._queue(parcel))
        return Receipt(f"{kind or LIVE}:{live}") if gone else None

    def check(self, at: datetime) -> str:
        """Return which organisation the client is of; raise ConnectorError."""
        return f"the client of {self._api.whoami(at)} may sign in"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return how a conversation of ours stands; raise Unauthenticated or Invalid."""
        return self._ear.said(callback)

    def _queue(self, parcel: Parcel) -> str:
        return self._config.queues.get(parcel.escalation.queue, self._config.queue_id)

    def _tell(self, parcel: Parcel, there: Conversation) -> None:
        """Set the customer's participant data, where it is not what it shall be."""
        told = carried(parcel, THING, self._key)
        if not there.customer:
            raise undocumented()
        if any(there.carried.get(name) != value for name, value in told.items()):
            self._api.set_attributes(there.id, there.customer, told, parcel.at)

    def _transfer(self, parcel: Parcel, there: Conversation) -> None:
        """Send the conversation to the queue, if nobody has it and it is not there yet."""
        waits = parcel.escalation.state in (State.QUEUED, State.RESERVED)
        if not waits or there.handed_to(self._queue(parcel)):
            return
        if there.holder is None:
            raise ConnectorError("nobody in the conversation can hand it over", retryable=False)
        self._api.transfer(there.id, there.holder, self._queue(parcel), parcel.at)

    def _callback(self, parcel: Parcel) -> Receipt:
        """Leave a callback to a number that is verified; raise ConnectorError without one."""
        number = _number(parcel)
        if number is None:
            told = f"neither external.{CONVERSATION} nor a verified number was told"
            raise ConnectorError(told, retryable=False)
        about: dict[str, object] = {
            "queueId": self._queue(parcel),
            "callbackNumbers": [number],
            "data": carried(parcel, THING, self._key),
        }
        contact_at = parcel.escalation.contact_at
        if contact_at is not None and contact_at > parcel.at:
            about["callbackScheduledTime"] = contact_at.astimezone(UTC).strftime(
                "%Y-%m-%dT%H:%M:%S.000Z"
            )
        made = told_in(self._api.create_callback(about, parcel.at), "conversation", "id")
        if not made:
            raise undocumented()
        return Receipt(f"{CALLBACK}:{made}")


def _number(parcel: Parcel) -> str | None:
    """Return the customer's number: one that a tool verified; anybody can say a number."""
    for claim in (*parcel.card.customer.claimed, *parcel.card.facts):
        value = "".join(char for char in str(claim.value) if char.isdigit() or char == "+")
        told = claim.name.casefold().replace(" ", "_") in PHONES and "[" not in str(claim.value)
        if told and claim.status == "verified" and not claim.superseded and len(value) > 4:
            return value
    return None

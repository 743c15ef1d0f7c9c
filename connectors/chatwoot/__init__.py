"""Chatwoot: the card as a private note on the customer's own conversation, and its routing.

https://developers.chatwoot.com/api-reference and lib/webhooks/trigger.rb of the project.
"""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from connectors.chatwoot.hearing import Ear
from connectors.chatwoot.steps import MARK, Routing, Step, steps
from handoff.domain.answers import told_in, undocumented
from handoff.domain.connector import ENDS, NOTHING, Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError
from handoff.domain.json_api import JsonApi
from handoff.domain.signatures import mark, marked

EXTERNAL = "chatwoot_conversation_id"
"""What the runtime tells: the conversation's number in the account."""
PAGES = 5
"""Pages of twenty messages that are looked through for a note."""
Number = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]


class Chatwoot:
    """Writes the card into the conversation and opens it to people. Duplicates: none.

    Several calls make up a delivery; each is made only where the conversation is not yet so, and a
    note is looked for by the delivery it names. So a try that ended half-way goes on from there.
    """

    class Config(BaseModel):
        """Where the account is, who writes there, and which queue is which team."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: HttpUrl = Field(description="base, as `https://app.chatwoot.com`")
        account_id: Number = Field(description="number of the account")
        token: SecretStr = Field(
            min_length=1,
            description="access token of an administrator: an agent's would take what it opens",
        )
        bot_token: SecretStr | None = Field(
            default=None,
            description="agent bot's access token, for the opening alone: Chatwoot then counts a "
            "handoff by the bot",
        )
        webhook_secret: SecretStr = Field(
            min_length=8, description="the webhook's secret; unsigned callbacks are refused"
        )
        teams: dict[str, Number] = Field(default_factory=dict, description="queue to team id")
        labels: tuple[str, ...] = Field(default=("handoff",), description="labels that are added")
        people: dict[Number, str] = Field(
            default_factory=dict, description="id of an agent there to the name they have here"
        )
        own_ids: tuple[Number, ...] = Field(
            default=(), description="ids of users whose tokens bots use: what they write is a bot's"
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.LIVE_MESSAGING})
    follows: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called, and the secret by which what it says is known."""
        self._config = config
        self._secret = config.webhook_secret.get_secret_value()
        token = config.token.get_secret_value()
        bot = config.bot_token.get_secret_value() if config.bot_token else token
        base = f"{str(config.url).rstrip('/')}/api/v1/accounts/{config.account_id}"
        self._api, self._bot = (
            JsonApi(outbound, base, {"api_access_token": each}, config.deadline)
            for each in (token, bot)
        )
        self._routing = Routing(config.teams, config.labels, config.people)
        self._ear = Ear(self._secret, config.account_id, config.people, config.own_ids)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Make the calls that the conversation still needs; the last one opens or closes it."""
        number = self._number(parcel)
        if number is None:
            return Receipt(NOTHING)
        for step in self._needed(parcel, number, search=parcel.attempt > 1):
            by_bot = step.name == "toggle_status" and parcel.event == "opened"
            path = f"/conversations/{number}/{step.name}"
            (self._bot if by_bot else self._api).done("POST", path, parcel.at, step.body)
        return Receipt(number)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Tell whether the conversation is as the delivery wants it; None where a call is left."""
        number = self._number(parcel)
        if number is None:
            return Receipt(NOTHING)
        return None if self._needed(parcel, number, search=True) else Receipt(number)

    def check(self, at: datetime) -> str:
        """Return how many teams the token can read; raise ConnectorError."""
        return f"the token may read {len(self._api.listed('GET', '/teams', at))} teams"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what people did; raise Unauthenticated if forged, Invalid if malformed."""
        return self._ear.said(callback)

    def _number(self, parcel: Parcel) -> str | None:
        """Return the conversation's number; None for an end of what never began there."""
        number = parcel.reference or parcel.external.get(EXTERNAL, "")
        if number.isascii() and number.isdigit():
            return number
        if parcel.event in ENDS:
            return None
        raise ConnectorError(f"the conversation has no external.{EXTERNAL}", retryable=False)

    def _needed(self, parcel: Parcel, number: str, *, search: bool) -> tuple[Step, ...]:
        """Return the calls that are left; none for the end of what another one took over."""
        there = self._api.told("GET", f"/conversations/{number}", parcel.at)
        if told_in(there, "id") != number:
            raise undocumented()
        ours = parcel.escalation.escalation_id
        theirs = marked(self._secret, number, told_in(there, "custom_attributes", MARK))
        if parcel.event != "opened" and theirs not in ("", ours):
            return ()
        noted = search and self._noted(parcel, number)
        mine = mark(self._secret, number, ours)
        return tuple(steps(parcel, there, mine, self._routing, noted=noted))

    def _noted(self, parcel: Parcel, number: str) -> bool:
        """Tell whether a private note of this delivery is among the latest messages."""
        query = ""
        for _page in range(PAGES):
            answer = self._api.told("GET", f"/conversations/{number}/messages{query}", parcel.at)
            messages = answer.get("payload")
            if not isinstance(messages, list):
                raise undocumented()
            for one in messages:
                private = isinstance(one, dict) and one.get("private") is True
                if private and parcel.delivery_id in told_in(one, "content"):
                    return True
            ids = [int(told) for one in messages if (told := told_in(one, "id")).isdigit()]
            if not ids:
                break
            query = f"?before={min(ids)}"
        return False

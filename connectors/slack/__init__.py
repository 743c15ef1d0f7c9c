"""Slack: the card in the queue's channel, with buttons; its thread for updates and messages."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from json import dumps
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from connectors.slack.api import Api
from connectors.slack.blocks import carried, message, metadata
from connectors.slack.hearing import QUICK, Ear
from connectors.slack.payloads import payload_of, verified
from connectors.slack.people import People
from handoff.cards.slack import escape
from handoff.domain.answers import told_in, undocumented
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
from handoff.domain.errors import ConnectorError

PAGES, PAGE = 5, 200
BEFORE = timedelta(minutes=1)
"""How far before the opening the history is read: clocks differ."""


class Slack:
    """Posts the card to the queue's channel and edits that message. Duplicates: at most one, rare.

    Slack has no idempotency key: after an unknown outcome the channel's history is searched for
    the delivery's id, which each message carries as metadata. A message that was posted and cannot
    be seen in the history yet could be posted again.
    """

    class Config(BaseModel):
        """The app's token and signing secret, and which queue is in which channel."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        token: SecretStr = Field(min_length=1, description="bot token, `xoxb-…`")
        signing_secret: SecretStr = Field(min_length=8, description="the app's signing secret")
        channel: str = Field(
            pattern=r"^[A-Z0-9]{2,30}$", description="id of the channel of all other queues"
        )
        channels: dict[str, str] = Field(default_factory=dict, description="queue to channel id")
        people: dict[str, str] = Field(
            default_factory=dict,
            description="e-mail to the name that a person has here; without it the e-mail",
        )
        say: str = Field(
            default="customer:",
            min_length=1,
            max_length=20,
            description="what a reply in the thread begins with that the customer is to hear; all "
            "others are notes",
        )
        url: HttpUrl = Field(
            default=HttpUrl("https://slack.com/api"), description="base of the Web API"
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    follows: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called, and whom is known."""
        self._config = config
        token = config.token.get_secret_value()
        self._api = Api(outbound, str(config.url), token, config.deadline)
        self._ear = Ear(self._api, People(self._api, config.people, QUICK), config.say)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Post the card, or edit the message that has it; a new card is told in its thread too."""
        reference = parcel.reference
        if reference is None and (parcel.event != "opened" or parcel.attempt > 1):
            reference = self._found(parcel)
        if reference is None or ":" not in reference:
            return Receipt(NOTHING) if parcel.event in ENDS else self._posted(parcel)
        channel, _, ts = reference.partition(":")
        if channel != self._channel(parcel) and parcel.event not in ENDS:
            return self._moved(parcel, reference)
        self._edit(reference, parcel)
        if parcel.event == "updated":
            told = {
                "channel": channel,
                "thread_ts": ts,
                "text": f"The card was renewed (version {parcel.card.card_version}).",
                "metadata": metadata(parcel),
            }
            self._api.post("chat.postMessage", told, parcel.at)
        return Receipt(reference)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Look in the channel for a posting, in its thread for an update; an edit is repeated."""
        if parcel.reference is None:
            found = self._found(parcel)
            return Receipt(found) if found else None
        if parcel.event == "updated":
            channel, _, ts = parcel.reference.partition(":")
            place = {"channel": channel, "ts": ts, "oldest": ts}
            told = self._search("conversations.replies", place, parcel.at, parcel.delivery_id)
            return Receipt(parcel.reference) if told else None
        return None

    def check(self, at: datetime) -> str:
        """Return whose app it is in which workspace; raise ConnectorError."""
        answer = self._api.get("auth.test", {}, at)
        return f"{told_in(answer, 'user')} in {told_in(answer, 'team')}"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what was pressed, submitted or written; raise Unauthenticated or Invalid."""
        payload = verified(callback, self._config.signing_secret.get_secret_value())
        return self._ear.said(payload, callback.at)

    def acknowledge(self, callback: Callback, refused: str | None) -> Acknowledgement:
        """Answer as Slack wants it; who asked for what cannot be done is told so, and only they."""
        payload = payload_of(callback)
        kind = payload.get("type")
        if kind == "url_verification":
            return Acknowledgement(body=dumps({"challenge": payload.get("challenge")}).encode())
        if refused is None:
            return Acknowledgement()
        if kind == "view_submission":
            told = {"response_action": "errors", "errors": {"done": refused[:200]}}
            return Acknowledgement(body=dumps(told).encode())
        who, where = told_in(payload, "user", "id"), told_in(payload, "channel", "id")
        if who and where:
            ephemeral = {"channel": where, "user": who, "text": escape(refused)}
            with suppress(ConnectorError):
                self._api.post("chat.postEphemeral", ephemeral, callback.at, deadline=QUICK)
        return Acknowledgement()

    def _channel(self, parcel: Parcel) -> str:
        return self._config.channels.get(parcel.escalation.queue, self._config.channel)

    def _posted(self, parcel: Parcel) -> Receipt:
        channel = self._channel(parcel)
        arguments = message(parcel) | {"unfurl_links": "false", "unfurl_media": "false"}
        answer = self._api.post("chat.postMessage", {"channel": channel, **arguments}, parcel.at)
        ts = told_in(answer, "ts")
        if not ts:
            raise undocumented()
        return Receipt(f"{told_in(answer, 'channel') or channel}:{ts}")

    def _moved(self, parcel: Parcel, reference: str) -> Receipt:
        """Show the card in the channel of its new queue, and leave word where it was."""
        found = self._found(parcel)
        receipt = Receipt(found) if found else self._posted(parcel)
        if found:
            self._edit(found, parcel)
        self._edit(reference, replace(parcel, event="withdrawn"))
        return receipt

    def _edit(self, reference: str, parcel: Parcel) -> None:
        channel, _, ts = reference.partition(":")
        self._api.post("chat.update", {"channel": channel, "ts": ts, **message(parcel)}, parcel.at)

    def _found(self, parcel: Parcel) -> str | None:
        """Return where the escalation's message is, by what it carries; None if it is not there."""
        channel = self._channel(parcel)
        oldest = (parcel.escalation.opened_at - BEFORE).timestamp()
        place = {"channel": channel, "oldest": f"{oldest:.6f}"}
        wanted = parcel.escalation.escalation_id
        ts = self._search("conversations.history", place, parcel.at, wanted)
        return f"{channel}:{ts}" if ts else None

    def _search(self, method: str, place: dict[str, str], at: datetime, wanted: str) -> str:
        """Return the time stamp of the message that carries an id, empty if none does."""
        arguments = {**place, "limit": str(PAGE), "include_all_metadata": "true"}
        for _page in range(PAGES):
            answer = self._api.get(method, arguments, at)
            messages = answer.get("messages")
            if not isinstance(messages, list):
                raise undocumented()
            for one in messages:
                if wanted in carried(one):
                    return told_in(one, "ts")
            cursor = told_in(answer, "response_metadata", "next_cursor")
            if not cursor:
                break
            arguments["cursor"] = cursor
        return ""

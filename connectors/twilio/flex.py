"""Twilio Flex: an interaction that brings a person into the customer's own conversation.

https://www.twilio.com/docs/flex/developer/conversations/interactions-api
"""

import json
from datetime import datetime
from typing import ClassVar

from pydantic import Field, HttpUrl, JsonValue

from connectors.twilio.account import Account, Api, sid_in
from connectors.twilio.hearing import Ear
from connectors.twilio.tasks import Task, Tasks, ending, wanted
from handoff.domain.answers import told_in, undocumented
from handoff.domain.connector import ENDS, NOTHING, Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError

CONVERSATION = "twilio_conversation_sid"
"""Name of the conversation's SID among what the runtime tells."""


class Flex:
    """Routes the conversation to an agent of Flex and ends that. Duplicates: at most one, rare.

    Interactions have no idempotency key: after an unknown outcome the workspace is searched for a
    task with the escalation's id. One that cannot be found yet could be made again.
    """

    class Config(Account):
        """The account, its workspace and workflows, and what our channels are over there."""

        channel_type: str = Field(
            default="web", max_length=30, description="Flex's channel of all other channels"
        )
        channel_types: dict[str, str] = Field(
            default_factory=dict, description="channel (chat, sms, …) to Flex's channel type"
        )
        flex_url: HttpUrl = Field(
            default=HttpUrl("https://flex-api.twilio.com"), description="base of Flex's API"
        )

    moves: ClassVar = frozenset({Moves.LIVE_MESSAGING})
    follows: ClassVar = True
    routes: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called, and who is who."""
        self._config = config
        self._api = Api(config, config.flex_url, outbound)
        self._tasks = Tasks(config, Api(config, config.taskrouter_url, outbound))
        self._ear = Ear(config, self._tasks)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Make the interaction, change its task, or close it for the agents and not the bot."""
        first = parcel.event == "opened" and parcel.attempt == 1 and parcel.reference is None
        task = None if first else self._tasks.of(parcel.escalation.escalation_id, parcel.at)
        known = parcel.reference or (_interaction(task) if task else "") or NOTHING
        if task is None or task.is_over:
            if not wanted(parcel, known):
                return Receipt(known)
            return self._made(parcel) if known == NOTHING else self._invited(parcel, known)
        if ending(parcel, task):
            self._close(parcel, known)
        else:
            self._tasks.change(task, self._tasks.changed(parcel, task), parcel.at)
        return Receipt(known)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Find the interaction's task by the escalation, a change by the delivery it carries."""
        task = self._tasks.of(parcel.escalation.escalation_id, parcel.at)
        known = _interaction(task) if task else ""
        if task is None or not known:
            return None
        done = task.is_over if parcel.event in ENDS else False
        carried = task.attributes.get("delivery_id") == parcel.delivery_id
        return Receipt(known) if done or carried else None

    def check(self, at: datetime) -> str:
        """Return that the workspace's tasks may be read; raise ConnectorError."""
        if not self._tasks.readable(at):
            raise undocumented()
        return f"the tasks of {self._config.workspace_sid} may be read"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what became of an interaction's task; raise Unauthenticated or Invalid."""
        return self._ear.said(callback)

    def _made(self, parcel: Parcel) -> Receipt:
        """Make an interaction on the conversation that the bot has had so far."""
        conversation = parcel.external.get(CONVERSATION)
        if conversation is None:
            raise ConnectorError(
                f"the runtime did not tell external.{CONVERSATION}", retryable=False
            )
        kind = self._config.channel_types.get(parcel.escalation.channel, self._config.channel_type)
        channel: JsonValue = {
            "type": kind,
            "initiated_by": "customer",
            "properties": {"media_channel_sid": conversation},
        }
        form = {"Channel": json.dumps(channel), "Routing": self._routing(parcel)}
        sid = sid_in(self._api.post("/v1/Interactions", form, parcel.at), "sid")
        if not sid:
            raise undocumented()
        return Receipt(sid)

    def _invited(self, parcel: Parcel, known: str) -> Receipt:
        """Invite another agent into an interaction whose task ended while somebody waits."""
        path = f"/v1/Interactions/{known}/Channels/{self._channel(known, parcel.at)}/Invites"
        answer = self._api.post(path, {"Routing": self._routing(parcel)}, parcel.at)
        if not told_in(answer, "sid"):
            raise undocumented()
        return Receipt(known)

    def _close(self, parcel: Parcel, known: str) -> None:
        """End the agents' part; the conversation stays, for the bot may go on in it."""
        form = {"Status": "inactive", "Routing": json.dumps({"status": "closed"})}
        path = f"/v1/Interactions/{known}/Channels/{self._channel(known, parcel.at)}"
        if not told_in(self._api.post(path, form, parcel.at), "sid"):
            raise undocumented()

    def _channel(self, known: str, at: datetime) -> str:
        """Return the SID of an interaction's one channel."""
        told, _ = self._api.get(f"/v1/Interactions/{known}/Channels", at)
        channels = told.get("channels") if told else None
        sid = sid_in(channels[0], "sid") if isinstance(channels, list) and channels else ""
        if not sid:
            raise undocumented()
        return sid

    def _routing(self, parcel: Parcel) -> str:
        config, escalation = self._config, parcel.escalation
        properties: dict[str, JsonValue] = {
            "workspace_sid": config.workspace_sid,
            "workflow_sid": config.workflows.get(escalation.queue, config.workflow_sid),
            "attributes": self._tasks.attributes(parcel) | {"priority": escalation.priority},
        }
        channel = config.task_channels.get(escalation.channel, config.task_channel)
        if channel:
            properties["task_channel_unique_name"] = channel
        return json.dumps({"properties": properties}, ensure_ascii=False)


def _interaction(task: Task) -> str:
    return sid_in(task.attributes, "flexInteractionSid")

"""What is posted of an escalation, and what a receiver may say of one."""

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, JsonValue

from handoff.domain.audit import timestamp
from handoff.domain.card import card_json
from handoff.domain.connector import Parcel
from handoff.domain.escalation import Escalation

BODY_LIMIT = 262_144
"""Bytes of a body; past it the card stays away and `card_url` leads to it."""


def message(parcel: Parcel) -> str:
    """Return the JSON body; without the card where that would be too long to send."""
    data: dict[str, JsonValue] = {
        "escalation": _escalation(parcel.escalation),
        "card": card_json(parcel.card),
        "card_url": parcel.card_url,
    }
    told = {"type": f"escalation.{parcel.event}", "timestamp": timestamp(parcel.at), "data": data}
    body = json.dumps(told)
    if len(body) > BODY_LIMIT:
        body = json.dumps({**told, "data": {**data, "card": None}})
    return body


def trial(at: datetime) -> str:
    """Return the JSON body of a test: marked twice, and about nobody."""
    told = {"type": "webhook.test", "timestamp": timestamp(at), "data": {"test": True}}
    return json.dumps(told)


def _escalation(escalation: Escalation) -> dict[str, JsonValue]:
    closed_at = escalation.closed_at
    return {
        "escalation_id": escalation.escalation_id,
        "conversation_id": escalation.conversation_id,
        "tenant": escalation.tenant,
        "state": escalation.state.value,
        "version": escalation.version,
        "queue": escalation.queue,
        "priority": escalation.priority,
        "reason_code": escalation.reason_code,
        "channel": escalation.channel,
        "job": escalation.job,
        "intent": escalation.intent,
        "language": escalation.language,
        "customer_key": escalation.customer_key,
        "owner": escalation.owner,
        "opened_at": timestamp(escalation.opened_at),
        "closed_at": timestamp(closed_at) if closed_at else None,
        "outcome": escalation.outcome.value if escalation.outcome else None,
        "disposition": escalation.disposition,
        "previous_id": escalation.previous_id,
    }


def _without_nul(text: str) -> str:
    return text.replace("\0", "")


Text = Annotated[str, Field(max_length=8_000), AfterValidator(_without_nul)]
"""Somebody's words. PostgreSQL keeps no NUL, so nobody does."""
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_nul)]


class ToldData(BaseModel):
    """What a callback is about. Numbers with a fraction are not taken: JSON's NaN is none."""

    escalation_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    by: Name = Field(description="who did it, as the receiver calls them")
    why: Text | None = None
    text: Text | None = Field(default=None, description="of a note")
    outcome: Name | None = None
    disposition: Name | None = None
    brief: dict[Name, Text | bool | int | list[Text]] | None = Field(
        default=None, description="what was done and promised, on return"
    )


class Told(BaseModel):
    """A callback's body. Its types are none of ours: a message of ours sent back says nothing."""

    type: Literal[
        "escalation.claim",
        "escalation.decline",
        "escalation.release",
        "escalation.note",
        "escalation.dispose",
        "escalation.return",
    ]
    data: ToldData

"""Queues, and who is there to take from them."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import JsonValue
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import Changing, json_answer
from handoff.api.fields import Body
from handoff.domain.audit import timestamp
from handoff.domain.ports import Transaction
from handoff.domain.records import Presence
from handoff.services.once import Answer
from handoff.services.route import queues as named

router = APIRouter(prefix="/v1", tags=["queues"], route_class=Guarded)


class Present(Body):
    """Whether one can take an escalation now."""

    status: Literal["available", "busy", "away"]


@router.get("/queues", summary="The queues and how many wait in each")
def queues(asked: Asking) -> Response:
    """Return the policy's queues."""
    waiting = asked.read(lambda tx: tx.escalations.waiting())
    items: list[JsonValue] = [
        {
            "queue": name,
            "description": queue.description,
            "priority": queue.priority,
            "connectors": [*queue.connectors],
            "waiting": waiting.get(name, 0),
        }
        for name, queue in named(asked.deps, asked.who.tenant).items()
    ]
    return json_answer({"items": items})


@router.put("/me/presence", summary="Say whether you are there")
def presence(change: Changing, body: Present) -> Response:
    """Return the asker's presence."""

    def work(tx: Transaction, at: datetime) -> Answer:
        tx.access.set_presence(Presence(change.by.name, body.status, at))
        told: JsonValue = {
            "human": change.by.name,
            "status": body.status,
            "since": timestamp(at),
        }
        return Answer(200, told)

    return change.answer(body, work)

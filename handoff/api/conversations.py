"""Conversations: their stored turns, who has the floor, how they end, what was thought of them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import Changing, json_answer
from handoff.api.fields import Body, ConversationId, Facts, Label, Words
from handoff.domain.control import Controller
from handoff.domain.errors import Invalid
from handoff.domain.ports import Transaction
from handoff.services.end import end_conversation
from handoff.services.feedback import keep_feedback
from handoff.services.floor import floor, pass_floor
from handoff.services.once import Answer
from handoff.services.views import control_view, conversation_view, turn_view

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], route_class=Guarded)


class Floor(Body):
    """Who is to have the floor; `epoch` is the one the asker knows."""

    holder: Controller
    name: Label | None = None
    epoch: int | None = None


class Ending(Body):
    """Who ended it, and why."""

    by: Literal["customer", "bot", "human", "system"]
    why: Words | None = None


class Feedback(Body):
    """What somebody thought of a conversation."""

    score: float | None = Field(default=None, ge=0, le=100)
    text: Words | None = None
    about: Facts = Field(default_factory=dict, description="anything else, as you name it")


@router.get("/{conversation_id:path}/turns", summary="Turns as they are stored, in order")
def turns(
    asked: Asking,
    conversation_id: ConversationId,
    after: Annotated[int, Query(ge=-1, description="only turns with a higher index")] = -1,
) -> Response:
    """Return the turns of a conversation."""

    def found(tx: Transaction) -> list[JsonValue]:
        floor(tx, conversation_id)
        stored = tx.conversations.turns(conversation_id)
        return [turn_view(each) for each in stored if (each.turn.index or 0) > after]

    return json_answer({"items": asked.read(found)})


@router.get("/{conversation_id:path}/control", summary="Who has the floor, and its epoch")
def control(asked: Asking, conversation_id: ConversationId) -> Response:
    """Return who may speak to the customer now."""
    return json_answer(asked.read(lambda tx: control_view(floor(tx, conversation_id).control)))


@router.post("/{conversation_id:path}/control", summary="Pass the floor")
def pass_control(change: Changing, conversation_id: ConversationId, body: Floor) -> Response:
    """Return the floor after it was passed."""
    if body.holder is Controller.HUMAN and body.name is None:
        raise Invalid("a human who gets the floor needs a name")

    def work(tx: Transaction, at: datetime) -> Answer:
        head = pass_floor(
            tx, conversation_id, body.holder, body.name, body.epoch, by=change.by, at=at
        )
        return Answer(200, control_view(head.control))

    return change.answer(body, work)


@router.post("/{conversation_id:path}/end", summary="End it: without a human it was contained")
def end(change: Changing, conversation_id: ConversationId, body: Ending) -> Response:
    """Return how the conversation ended."""

    def work(tx: Transaction, at: datetime) -> Answer:
        head = end_conversation(
            tx, change.deps, conversation_id, body.by, body.why, by=change.by, at=at
        )
        return Answer(200, conversation_view(head))

    return change.answer(body, work)


@router.post("/{conversation_id:path}/feedback", summary="Keep what somebody thought of it")
def feedback(change: Changing, conversation_id: ConversationId, body: Feedback) -> Response:
    """Return that it is kept."""

    def work(tx: Transaction, at: datetime) -> Answer:
        told = body.model_dump(mode="json", exclude_none=True)
        keep_feedback(tx, conversation_id, told, by=change.by, at=at)
        return Answer(201, {"kept": True})

    return change.answer(body, work)

"""Escalations: open one, list them, read one and its card."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import Field, JsonValue
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import Change, Changing, etag, json_answer, told_of
from handoff.api.fields import About, Body, EscalationId, Facts, Id, Instant, Label, Name, Words
from handoff.api.paging import Paged, listing
from handoff.api.posted import Posted, kept
from handoff.cards import RENDERERS, media_type, render
from handoff.domain.card import Card, card_json
from handoff.domain.errors import Invalid, NotFound
from handoff.domain.escalation import Escalation, State
from handoff.domain.ports import Transaction
from handoff.domain.reasons import REASONS
from handoff.domain.records import EscalationFilter
from handoff.domain.tools import Wish, wish
from handoff.domain.trace import HEADER, traceparent
from handoff.services.forms import context_of
from handoff.services.moving import found, head_of
from handoff.services.once import Answer
from handoff.services.request import Asked as Wanted
from handoff.services.request import open_asked
from handoff.services.told import Told
from handoff.services.views import control_view, escalation_view

router = APIRouter(prefix="/v1/escalations", tags=["escalations"], route_class=Guarded)
MOST_TURNS = 5_000
CARD_HEADERS = {"Content-Security-Policy": "default-src 'none'"}
"""A card in HTML is a fragment for other pages: opened by itself it loads and runs nothing."""


class ToolCalled(Body):
    """A call of one of our tools by the bot's model, as it was made."""

    name: Name
    arguments: Facts = Field(default_factory=dict)


class Opening(Body):
    """What a runtime that asks for a person knows."""

    conversation_id: Id
    transcript: tuple[Posted, ...] = Field(
        default=(), max_length=MOST_TURNS, description="turns; known ids are not stored twice"
    )
    slots: Facts = Field(default_factory=dict)
    conversation: About = Field(default_factory=About)
    reason_code: str | None = Field(default=None, description="one of the reason codes")
    queue: Label | None = Field(default=None, description="a hint; a wrong one does no harm")
    priority: int | None = Field(default=None, ge=1, le=5, description="1 is the most urgent")
    context_summary: Words | None = Field(default=None, description="the bot's own words")
    tool: ToolCalled | None = Field(default=None, description="instead of the four before it")


class Filter(Paged):
    """Which escalations to list; every field given must fit."""

    state: tuple[State, ...] = Field(default=(), description="may be given several times")
    queue: Name | None = None
    job: Name | None = None
    intent: Name | None = None
    reason_code: Name | None = None
    conversation_id: Id | None = None
    incident: Id | None = Field(default=None, description="an incident's id")
    since: Instant | None = Field(default=None, description="opened at or after")
    until: Instant | None = Field(default=None, description="opened before")
    waiting_first: bool = Field(default=False, description="by priority, then by queue time")


@router.post("", summary="Open one: the conversation's open one is answered if there is one")
def open_one(
    change: Changing,
    body: Opening,
    parent: Annotated[
        str | None, Header(alias=HEADER, description="W3C trace context; deliveries go on in it")
    ] = None,
) -> Response:
    """Return the escalation, its card, who has the floor, and how to connect."""
    deps = change.deps
    with deps.tracer.span("open", traceparent(parent), {"tenant": change.asked.who.tenant}) as span:
        return _open(change, body, span.traceparent)


def _open(change: Change, body: Opening, trace: str | None) -> Response:
    wanted = _wanted(body)
    wanted = replace(wanted, told=replace(wanted.told, trace=trace))
    deps = change.deps

    def work(tx: Transaction, at: datetime) -> Answer:
        opened = open_asked(tx, deps, wanted, by=change.by, at=at)
        answer: JsonValue = {
            "created": opened.created,
            "escalation": escalation_view(opened.escalation),
            "card": card_json(opened.card),
            "control": control_view(head_of(tx, opened.escalation).control),
            "connect": told_of(deps, opened.escalation)["connect"],
            "say": opened.say,
        }
        return Answer(201 if opened.created else 200, answer)

    return change.answer(body, work)


@router.get("", summary="List them, newest first")
def list_them(asked: Asking, where: Annotated[Filter, Query()]) -> Response:
    """Return a page of escalations."""
    wanted = EscalationFilter(
        **where.model_dump(exclude={"limit", "cursor", "state", "incident"}),
        states=where.state or None,
        incident_id=where.incident,
    )
    page = where.page()
    found = asked.read(lambda tx: tx.escalations.list(wanted, page))
    return json_answer(listing(found, escalation_view))


@router.get("/{escalation_id}", summary="Read one")
def read_one(asked: Asking, escalation_id: EscalationId) -> Response:
    """Return an escalation."""
    escalation = asked.read(lambda tx: found(tx, escalation_id))
    body = told_of(asked.deps, escalation)
    return json_answer(body, headers=etag(body))


@router.get("/{escalation_id}/card", summary="Read its card, in any form")
def read_card(
    asked: Asking,
    escalation_id: EscalationId,
    form: Annotated[str, Query(alias="format", description=", ".join(RENDERERS))] = "json",
    version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    language: Annotated[
        str, Query(max_length=35, description="of the labels, as in BCP 47")
    ] = "en",
) -> Response:
    """Return the newest card, or an earlier version."""

    def card(tx: Transaction) -> tuple[Escalation, Card]:
        escalation = found(tx, escalation_id)
        card = tx.escalations.card(escalation_id, version)
        if card is None:
            raise NotFound(f"no card of version {version}")
        return escalation, card

    escalation, read = asked.read(card)
    context = context_of(asked.deps, escalation, language, asked.deps.clock())
    text = render(read, form, context)
    return Response(text, headers=CARD_HEADERS, media_type=media_type(form))


def _wanted(body: Opening) -> Wanted:
    """Return what is asked for; raise Invalid where it contradicts itself."""
    asked = _wish(body)
    if asked.reason_code not in REASONS or asked.reason_code == "none":
        raise Invalid(f"reason_code: one of {', '.join(c for c in REASONS if c != 'none')}")
    about = {name: getattr(body.conversation, name) for name in About.model_fields}
    if asked.customer_key is not None:
        about["customer_key"] = body.conversation.customer_key or asked.customer_key[:200]
    return Wanted(
        conversation_id=body.conversation_id,
        turns=tuple(kept(turn) for turn in body.transcript),
        slots=body.slots,
        told=Told(**about),
        reason_code=asked.reason_code,
        queue=asked.queue,
        priority=body.priority,
        summary=asked.summary,
        as_ticket=asked.as_ticket,
    )


def _wish(body: Opening) -> Wish:
    if body.tool is None:
        reason = body.reason_code or Wish().reason_code
        return Wish(queue=body.queue, summary=body.context_summary, reason_code=reason)
    if body.reason_code or body.queue or body.context_summary:
        raise Invalid("tool: its arguments take the place of reason_code, queue, context_summary")
    return wish(body.tool.name, body.tool.arguments)

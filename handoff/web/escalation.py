"""One escalation at the desk: the card, the transcript it rests on, and what can be done now."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter
from markupsafe import Markup
from pydantic import JsonValue
from starlette.responses import Response

from handoff.cards import render
from handoff.cards.names import readable
from handoff.domain.card import Card
from handoff.domain.control import Controller
from handoff.domain.escalation import AttemptResult, CloseOutcome, Escalation, State
from handoff.domain.ports import Transaction
from handoff.domain.reasons import sentence
from handoff.domain.records import Scope
from handoff.services.deps import Deps
from handoff.services.report import Story, story
from handoff.services.respond import VOICE
from handoff.services.route import queues
from handoff.web.choices import Choice, choices, holder
from handoff.web.draft import Draft
from handoff.web.errors import PageRoute
from handoff.web.incidents import incident_line
from handoff.web.pages import Page, shown
from handoff.web.rating import RatingForm, Use, rating_form, use_of
from handoff.web.transcript import Transcript, transcript
from handoff.web.visits import AtDesk, Visit
from handoff.web.words import URGENT, between, clock, desk_href, iso, moment, next_event, waited

OUTCOMES = (CloseOutcome.RESOLVED, CloseOutcome.UNRESOLVED, CloseOutcome.CUSTOMER_LEFT)
"""How a person at the desk may say that it ended."""
TRIES = 3
"""Tries to reach a person that are told, the latest ones."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an escalation is, in words."""

    escalation_id: str
    conversation_id: str
    href: str
    """Where it is at the desk."""
    title: str
    state: str
    until: str
    person: str
    """Who has it, or had it last, in words."""
    floor: str
    """Who may speak to the customer now, in words."""
    queue: str
    priority: int
    urgent: bool
    reason: str
    tags: tuple[str, ...]
    opened: str
    opened_at: str
    waited: str
    handled: str
    outcome: str
    disposition: str
    tried: str
    """Who was tried without success, empty if nobody was."""
    brief: tuple[tuple[str, str], ...]
    """What the conversation was handed back with."""


@dataclass(frozen=True, slots=True)
class NoteItem:
    """A note among humans."""

    text: str
    by: str
    at: str
    instant: str


@dataclass(frozen=True, slots=True)
class Read:
    """What the store has of an escalation, and its card."""

    story: Story
    card: Card | None
    incident: str
    """Which incident it is one of, in a line."""
    use: Use


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPage(Page):
    """What a person needs to take over."""

    template: ClassVar[str] = "agent/escalation.html"
    standing: Standing
    incident: str
    about: str
    """The ids that the page is about, for whoever listens to the feed."""
    card: Markup
    rating: RatingForm | None
    transcript: Transcript
    whole: str
    """Where the whole transcript is, empty if it is here."""
    notes: tuple[NoteItem, ...]
    choices: frozenset[Choice]
    queues: tuple[str, ...]
    outcomes: tuple[CloseOutcome, ...]
    dispositions: tuple[str, ...]
    draft: Draft
    tried: Choice | None
    """What was tried and did not work: its form is open, with what was typed."""
    alert: str
    message_id: str
    """Makes sending the same form twice one message."""


@router.get("/desk/escalations/{escalation_id}")
def show(visit: AtDesk, escalation_id: str, turns: str = "") -> Response:
    """Show one escalation."""
    return shown(escalation_page(visit, escalation_id, whole=turns == "all"))


def escalation_page(
    visit: Visit,
    escalation_id: str,
    *,
    whole: bool = False,
    draft: Draft | None = None,
    tried: Choice | None = None,
    alert: str = "",
) -> EscalationPage:
    """Return the page of an escalation as the visitor may see it; raise NotFound."""
    found = visit.read(lambda tx: read(tx, escalation_id))
    it, turns = found.story.escalation, found.story.turns
    laid_out = transcript(turns, found.card, it.turn_index, it.language, whole=whole)
    me = visit.who.name
    return EscalationPage(
        frame=visit.frame(f"{it.state} · {sentence(it.reason_code)}"),
        standing=standing(found.story, me, visit.at),
        incident=found.incident,
        about=f"{it.escalation_id} {it.conversation_id}",
        card=card_markup(found.card),
        rating=rating_form(found.card, found.use.ratings, me),
        transcript=laid_out,
        whole=f"{desk_href(it.escalation_id)}?turns=all" if laid_out.skipped else "",
        notes=notes(found.story),
        choices=choices(it, me, oversees=visit.may(Scope.SUPERVISOR)),
        queues=tuple(name for name in queues(visit.deps, visit.who.tenant) if name != it.queue),
        outcomes=OUTCOMES,
        dispositions=_dispositions(visit.deps, it),
        draft=draft or Draft(),
        tried=tried,
        alert=alert,
        message_id=visit.deps.new_id("msg"),
    )


def read(tx: Transaction, escalation_id: str, version: int | None = None) -> Read:
    """Return what is known of an escalation and a version of its card; raise NotFound."""
    told = story(tx, escalation_id)
    card = tx.escalations.card(escalation_id, version)
    incident = incident_line(tx, told.escalation.incident_id)
    return Read(told, card, incident, use_of(tx, escalation_id))


def card_markup(card: Card | None) -> Markup:
    """Return the card's own HTML: the one markup that templates are given."""
    return Markup(render(card, "html")) if card else Markup()  # noqa: S704 # escaped by our renderer


def standing(told: Story, me: str, at: datetime) -> Standing:
    """Return where the escalation is, in words."""
    it = told.escalation
    tags = (it.job, it.intent, it.channel, it.language)
    return Standing(
        escalation_id=it.escalation_id,
        conversation_id=it.conversation_id,
        href=desk_href(it.escalation_id),
        title=readable(it.job or "escalation").capitalize(),
        state=it.state.value,
        until=_until(it, me, at),
        person=_person(it, me),
        floor=_floor(told, me),
        queue=it.queue,
        priority=it.priority,
        urgent=it.priority <= URGENT,
        reason=sentence(it.reason_code),
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        opened=moment(it.opened_at),
        opened_at=iso(it.opened_at),
        waited=waited(it, at),
        handled=between(it.active_at, it.closed_at or at),
        outcome=it.outcome.value if it.outcome else "",
        disposition=ended_with(it),
        tried=_tried(it),
        brief=tuple((name, brief_words(value)) for name, value in it.return_brief.items()),
    )


def _until(escalation: Escalation, me: str, at: datetime) -> str:
    calling = escalation.state is State.CONNECTING and escalation.channel == VOICE
    if not calling or escalation.owner != me or escalation.due_at is None:
        return next_event(escalation, at)
    return (
        "Connecting: the phone system reports when you are on the line; if it does not until "
        f"{clock(escalation.due_at)} UTC, it goes back to the queue."
    )


def _floor(told: Story, me: str) -> str:
    control = told.head.control
    mine = Choice.MESSAGE in choices(told.escalation, me, oversees=False)
    if mine and control.holder is Controller.NOBODY:
        return "the bot is silent; your first message takes the floor"
    return f"may speak: {control.name or control.holder.value}"


def _tried(escalation: Escalation) -> str:
    failed = [one for one in escalation.attempts if one.result is not AttemptResult.CONNECTED]
    if not failed:
        return ""
    times = "once" if len(failed) == 1 else f"{len(failed)} times"
    latest = ", latest" if len(failed) > TRIES else ""
    told = (
        f"{one.human + ', ' if one.human else ''}{readable(one.result.value)} ({clock(one.at)} UTC)"
        for one in failed[-TRIES:]
    )
    return f"tried {times}{latest}: {'; '.join(told)}"


def _person(escalation: Escalation, me: str) -> str:
    who = holder(escalation)
    if who is None:
        return ""
    if not escalation.is_open:
        return f"closed by {who}"
    if escalation.reserved_for is not None:
        return "held for you" if who == me else f"held for {who}"
    return "yours" if who == me else f"with {who}"


def ended_with(escalation: Escalation) -> str:
    """Return the disposition where it says more than the outcome does."""
    told = escalation.disposition or ""
    return "" if escalation.outcome and told == escalation.outcome.value else told


def brief_words(value: JsonValue) -> str:
    """Return a part of a return brief as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(brief_words(part) for part in value)
    return "" if value is None else str(value)


def notes(told: Story) -> tuple[NoteItem, ...]:
    """Return the notes that were left, oldest first."""
    return tuple(
        NoteItem(
            text=str(chained.entry.details.get("text", "")),
            by=chained.entry.actor.name,
            at=f"{clock(chained.entry.at)} UTC",
            instant=iso(chained.entry.at),
        )
        for chained in told.entries
        if chained.entry.action == "note" and chained.entry.subject == told.escalation.escalation_id
    )


def _dispositions(deps: Deps, escalation: Escalation) -> tuple[str, ...]:
    return tuple(deps.dispositions.get(escalation.queue, ()))

"""The desk's first page: what waits and what is mine, by queue, the most urgent first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from handoff.domain.escalation import Escalation, State
from handoff.domain.extracts import clip
from handoff.domain.ports import Transaction
from handoff.domain.reasons import sentence
from handoff.domain.records import EscalationFilter, Listed
from handoff.domain.records import Page as Slice
from handoff.services.deps import Deps
from handoff.services.route import queues
from handoff.web.choices import holder
from handoff.web.errors import PageRoute
from handoff.web.filters import Asked
from handoff.web.incidents import Banner, banners
from handoff.web.pages import Page, shown
from handoff.web.visits import DESK, AtDesk, Entering, Visit
from handoff.web.words import URGENT, clock, counted, desk_href, iso, next_event, span

HELD = (State.RESERVED, State.CONNECTING, State.ACTIVE, State.WRAPPING)
WAITING = (State.QUEUED, State.RESERVED)
LATER = (State.DEFERRED, State.ABANDONED)
LIMIT = 100
"""Rows of each part of the page."""
WANTS = 160

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One escalation in a list."""

    href: str
    headline: str
    reason: str
    wants: str
    tags: tuple[str, ...]
    priority: int
    urgent: bool
    state: str
    person: str
    """Who else has it or whom it is held for."""
    waited: str
    waits: str
    """What the duration is of."""
    since: str
    until: str
    """What happens next and when, in words; empty while it simply waits."""


@dataclass(frozen=True, slots=True)
class Group:
    """A queue and what waits in it."""

    name: str
    description: str
    count: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage(Page):
    """What an agent sees first."""

    template: ClassVar[str] = "agent/desk.html"
    incidents: tuple[Banner, ...]
    only: bool
    """Whether one incident's escalations are shown and no others."""
    news: str
    """How many wait, in words; spoken when it changes."""
    mine: tuple[Row, ...]
    groups: tuple[Group, ...]
    others: tuple[Row, ...]
    later: tuple[Row, ...]
    more: str
    """Where the list goes on, empty at its end."""
    at: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read for the desk."""

    incidents: tuple[Banner, ...]
    mine: tuple[Row, ...]
    waiting: tuple[tuple[str, Row], ...]
    others: tuple[Row, ...]
    later: tuple[Row, ...]
    counts: dict[str, int]
    cursor: str | None


@router.get("/")
def home(visit: Entering) -> Response:
    """Lead to the desk, or to the reports whoever has no place at it."""
    return RedirectResponse("/desk" if visit.may(*DESK) else "/reports", 303)


@router.get("/desk")
def desk(visit: AtDesk, cursor: str | None = None, incident: Asked = "") -> Response:
    """Show what waits and what is mine, of one incident if it is asked for."""
    found = visit.read(lambda tx: _found(tx, visit, cursor, incident or None))
    waiting = sum(found.counts.values())
    return shown(
        DeskPage(
            frame=visit.frame(f"Desk · {waiting} waiting"),
            news=counted(waiting, "escalation waits", "escalations wait"),
            incidents=found.incidents,
            only=bool(incident),
            mine=found.mine,
            groups=tuple(_groups(visit.deps, visit.who.tenant, found)),
            others=found.others,
            later=found.later,
            more=_more(found.cursor, incident) if found.cursor else "",
            at=clock(visit.at),
        )
    )


def _more(cursor: str, incident: str) -> str:
    told = {"cursor": cursor, **({"incident": incident} if incident else {})}
    return f"/desk?{urlencode(told)}"


def _found(tx: Transaction, visit: Visit, cursor: str | None, incident: str | None) -> _Found:
    me = visit.who.name

    def read(where: EscalationFilter, after: str | None = None) -> Listed[Escalation]:
        return tx.escalations.list(replace(where, incident_id=incident), Slice(LIMIT, after))

    def rows(items: Iterable[Escalation]) -> tuple[Row, ...]:
        return tuple(_row(tx, one, me, visit.at) for one in items)

    mine = read(EscalationFilter(states=HELD, held_by=me, waiting_first=True)).items
    waiting = read(EscalationFilter(states=(State.QUEUED,), waiting_first=True), cursor)
    held = read(EscalationFilter(states=HELD, waiting_first=True)).items
    later = read(EscalationFilter(states=LATER, waiting_first=True)).items
    return _Found(
        incidents=banners(tx, "/desk", visit.at),
        mine=rows(mine),
        waiting=tuple(
            (one.queue, row) for one, row in zip(waiting.items, rows(waiting.items), strict=True)
        ),
        others=rows(one for one in held if me not in (one.owner, one.reserved_for)),
        later=rows(later),
        counts=tx.escalations.waiting(),
        cursor=waiting.cursor,
    )


def _groups(deps: Deps, tenant: str, found: _Found) -> Iterator[Group]:
    """Yield each queue that has something waiting or that the policy names, busiest priority first.

    A queue that a newer policy no longer names still shows what waits in it.
    """
    named = queues(deps, tenant)
    for name in dict.fromkeys((*(queue for queue, _ in found.waiting), *named)):
        rows = tuple(row for queue, row in found.waiting if queue == name)
        description = named[name].description if name in named else ""
        yield Group(name, description, found.counts.get(name, 0), rows)


def _row(tx: Transaction, escalation: Escalation, me: str, at: datetime) -> Row:
    who = holder(escalation)
    card = tx.escalations.card(escalation.escalation_id)
    reason = sentence(escalation.reason_code)
    headline = card.headline if card else reason
    wants = card.situation.text if card and card.situation else ""
    tags = (escalation.job, escalation.intent, escalation.channel, escalation.language)
    return Row(
        href=desk_href(escalation.escalation_id),
        headline=headline,
        reason="" if reason in headline else reason,
        wants=clip(wants, WANTS) if wants not in headline else "",
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        priority=escalation.priority,
        urgent=escalation.priority <= URGENT,
        state=escalation.state.value,
        person="" if who is None or who == me else who,
        waited=span((at - escalation.queued_at).total_seconds()),
        waits="waiting" if escalation.state in WAITING else "since queued",
        since=iso(escalation.queued_at),
        until=next_event(escalation, at),
    )

"""The list of transfers for supervisors: filtered, page by page, and as CSV."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from handoff.domain.escalation import Escalation, State
from handoff.domain.reasons import REASONS, sentence
from handoff.domain.records import Listed
from handoff.domain.records import Page as Slice
from handoff.services.report import csv_lines
from handoff.services.route import queues
from handoff.services.views import View, escalation_view
from handoff.web.errors import PageRoute
from handoff.web.escalation import ended_with
from handoff.web.filters import Filtered, Filters
from handoff.web.incidents import Banner, banners
from handoff.web.pages import HEADERS, Page, shown
from handoff.web.visits import Counting, Visit
from handoff.web.words import between, day_and_time, iso, story_href, waited

LIMIT = 50
CSV_SLICE = 500
CSV_COLUMNS = (
    "escalation_id",
    "conversation_id",
    "opened_at",
    "channel",
    "language",
    "job",
    "intent",
    "reason_code",
    "signal",
    "rule",
    "policy",
    "turn_index",
    "score",
    "queue",
    "priority",
    "state",
    "owner",
    "queued_at",
    "accepted_at",
    "active_at",
    "closed_at",
    "wait_s",
    "handle_s",
    "outcome",
    "disposition",
    "cause",
    "incident",
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer in the list."""

    href: str
    opened: str
    opened_at: str
    job: str
    intent: str
    reason: str
    signal: str
    turn: str
    queue: str
    state: str
    person: str
    waited: str
    handled: str
    outcome: str
    disposition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransfersPage(Page):
    """The transfers that the filters let through."""

    template: ClassVar[str] = "supervisor/transfers.html"
    incidents: tuple[Banner, ...]
    rows: tuple[TransferRow, ...]
    filters: Filters
    states: tuple[str, ...]
    reasons: dict[str, str]
    queues: tuple[str, ...]
    csv: str
    more: str


@router.get("/transfers")
def transfers(visit: Counting, filters: Filtered, cursor: str | None = None) -> Response:
    """Show the newest transfers, or those after the cursor."""
    found = _read(visit, filters, Slice(LIMIT, cursor))
    return shown(
        TransfersPage(
            frame=visit.frame("Transfers"),
            incidents=visit.read(lambda tx: banners(tx, "/transfers", visit.at)),
            rows=tuple(_row(one, visit.at) for one in found.items),
            filters=filters,
            states=tuple(state.value for state in State),
            reasons={code: told for code, told in REASONS.items() if code != "none"},
            queues=tuple(queues(visit.deps, visit.who.tenant)),
            csv=f"/transfers.csv{filters.query()}",
            more=f"/transfers{filters.query(found.cursor)}" if found.cursor else "",
        )
    )


@router.get("/transfers.csv")
def transfers_csv(visit: Counting, filters: Filtered) -> Response:
    """Return all transfers that the filters let through, newest first."""
    filters.where  # noqa: B018 # raises Invalid before the answer begins
    return csv_answer("transfers.csv", csv_lines(CSV_COLUMNS, _all(visit, filters)))


def csv_answer(name: str, lines: Iterable[str]) -> Response:
    """Return CSV lines as a file to keep."""
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


def _all(visit: Visit, filters: Filters) -> Iterator[View]:
    page: Slice | None = Slice(CSV_SLICE)
    while page is not None:
        found = _read(visit, filters, page)
        yield from (_csv_row(one) for one in found.items)
        page = Slice(CSV_SLICE, found.cursor) if found.cursor else None


def _read(visit: Visit, filters: Filters, page: Slice) -> Listed[Escalation]:
    where = filters.where
    return visit.read(lambda tx: tx.escalations.list(where, page))


def _csv_row(escalation: Escalation) -> View:
    seconds = {
        "wait_s": (escalation.queued_at, escalation.accepted_at),
        "handle_s": (escalation.active_at, escalation.closed_at),
    }
    return {
        **escalation_view(escalation),
        "signal": escalation.signal,
        **{
            name: round((end - start).total_seconds(), 1) if start and end else None
            for name, (start, end) in seconds.items()
        },
    }


def _row(escalation: Escalation, at: datetime) -> TransferRow:
    return TransferRow(
        href=story_href(escalation.escalation_id),
        opened=day_and_time(escalation.opened_at),
        opened_at=iso(escalation.opened_at),
        job=escalation.job or "",
        intent=escalation.intent or "",
        reason=sentence(escalation.reason_code),
        signal=escalation.signal or "",
        turn="" if escalation.turn_index is None else str(escalation.turn_index + 1),
        queue=escalation.queue,
        state=escalation.state.value,
        person=escalation.owner or escalation.reserved_for or "",
        waited=waited(escalation, at),
        handled=between(escalation.active_at, escalation.closed_at),
        outcome=escalation.outcome.value if escalation.outcome else "",
        disposition=ended_with(escalation),
    )

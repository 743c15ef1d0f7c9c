"""What did not arrive, for supervisors: what is stuck, what failed and why, and sending again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from handoff.domain.delivery import Delivery, DeliveryState
from handoff.domain.finding import Damage, Finding
from handoff.domain.ports import Transaction
from handoff.domain.records import Page as Slice
from handoff.services.replay import replay
from handoff.web.errors import PageRoute
from handoff.web.pages import Page, shown
from handoff.web.visits import Counting, OwnForm
from handoff.web.words import day_and_time, iso, moment, story_href

LIMIT = 50
MOST_FOUND = 50
"""Findings of the auditor that are listed, what is wrong now first."""
COUNTED_TO = 100
ESCALATION = "esc_"
"""How the id of an escalation begins; other findings are about a delivery or a connector."""

STATES = {
    DeliveryState.DEAD: ("Given up", "every try failed: look why, then send it again"),
    DeliveryState.REFUSED: ("Refused", "the other side said no, or its connector is gone"),
    DeliveryState.UNKNOWN: ("Not known", "it may have arrived; it is looked up by itself"),
    DeliveryState.PENDING: ("Waiting", "due, or due again after a failed try"),
    DeliveryState.SENDING: ("Being sent", "just now"),
    DeliveryState.CONFIRMED: ("Confirmed", "the other side said that it has it"),
}
"""State to its name for people and what it means, worst first."""
COUNTED = tuple(STATES)[:4]
AGAIN = frozenset({DeliveryState.DEAD, DeliveryState.REFUSED})

WRONG = {
    Damage.NO_TIMER: "nothing will look at it again",
    Damage.TIMER_LATE: "its timer is overdue: does an engine run?",
    Damage.OWNERLESS: "nobody has it, though its state says so",
    Damage.NOT_SENT: "an event of it was never sent there",
    Damage.NO_LEASE: "it is being sent by nobody",
    Damage.LEASE_LATE: "its sender is gone, and no other took it up",
    Damage.NOT_AUDITED: "its audit trail does not tell all of it",
    Damage.RESTS_TOO_LONG: "the account rests longer than any rule lets it",
}
"""Damage in words."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A state to look at: how many deliveries are in it, and what it means."""

    label: str
    explains: str
    count: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Stuck:
    """One finding of the auditor, in words."""

    what: str
    subject: str
    href: str
    """Of the escalation, empty where it is about something else."""
    detail: str
    found: str
    found_at: str
    mended: str
    mended_at: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery: of which escalation, to where, and what came of it."""

    href: str
    made: str
    made_at: str
    connector: str
    event: str
    tries: int
    error: str
    due: str
    due_at: str
    again_href: str
    """Where a form sends it again, empty where it is on its way or has arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesPage(Page):
    """What is stuck, and the deliveries in one state, the newest first."""

    template: ClassVar[str] = "supervisor/deliveries.html"
    stuck: tuple[Stuck, ...]
    choices: tuple[Choice, ...]
    chosen: str
    rows: tuple[DeliveryRow, ...]
    more: str


@router.get("/deliveries")
def deliveries(
    visit: Counting,
    state: DeliveryState | None = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Show a state's deliveries; of the worst one that has any, where none is chosen."""

    def read(tx: Transaction) -> DeliveriesPage:
        counts = {one: _count(tx, one) for one in COUNTED}
        chosen = state or next((one for one in COUNTED if counts[one]), DeliveryState.DEAD)
        found = tx.deliveries.list(chosen, None, Slice(LIMIT, cursor))
        return DeliveriesPage(
            frame=visit.frame("Deliveries"),
            stuck=tuple(_stuck(one) for one in tx.findings.list(MOST_FOUND)),
            choices=tuple(_choices(counts, chosen)),
            chosen=STATES[chosen][0],
            rows=tuple(_row(one) for one in found.items),
            more=_href(chosen, found.cursor) if found.cursor else "",
        )

    return shown(visit.read(read))


@router.post("/deliveries/{delivery_id}/again", dependencies=[OwnForm])
def again(visit: Counting, delivery_id: str) -> Response:
    """Send a delivery again under its old id, and show what is on its way."""
    visit.write(lambda tx: replay(tx, delivery_id, by=visit.by, at=visit.at))
    return RedirectResponse(_href(DeliveryState.PENDING), 303)


def _count(tx: Transaction, state: DeliveryState) -> int:
    return len(tx.deliveries.list(state, None, Slice(COUNTED_TO)).items)


def _choices(counts: dict[DeliveryState, int], chosen: DeliveryState) -> Iterator[Choice]:
    for state, count in counts.items():
        label, explains = STATES[state]
        told = f"{COUNTED_TO} or more" if count == COUNTED_TO else str(count)
        yield Choice(label, explains, told, _href(state), state is chosen)


def _stuck(finding: Finding) -> Stuck:
    of_escalation = finding.subject.startswith(ESCALATION)
    return Stuck(
        what=WRONG[finding.damage],
        subject=finding.subject,
        href=story_href(finding.subject) if of_escalation else "",
        detail=finding.detail,
        found=moment(finding.found_at),
        found_at=iso(finding.found_at),
        mended=moment(finding.mended_at),
        mended_at=iso(finding.mended_at),
    )


def _row(delivery: Delivery) -> DeliveryRow:
    quoted = quote(delivery.delivery_id, safe="")
    waits = delivery.state in (DeliveryState.PENDING, DeliveryState.UNKNOWN)
    due = delivery.due_at if waits else delivery.settled_at
    return DeliveryRow(
        href=story_href(delivery.escalation_id),
        made=day_and_time(delivery.created_at),
        made_at=iso(delivery.created_at),
        connector=delivery.connector,
        event=delivery.event.partition(".")[0],
        tries=delivery.attempts,
        error=delivery.error or "",
        due=day_and_time(due),
        due_at=iso(due),
        again_href=f"/deliveries/{quoted}/again" if delivery.state in AGAIN else "",
    )


def _href(state: DeliveryState, cursor: str | None = None) -> str:
    asked = {"state": state.value} | ({"cursor": cursor} if cursor else {})
    return f"/deliveries?{urlencode(asked)}"

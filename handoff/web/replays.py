"""What a version of the policy would have done, on the service's own history, as a page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import quote

from fastapi import APIRouter, Query
from pydantic import JsonValue
from starlette.responses import Response

from handoff.detection.replay import CHANGES, Change
from handoff.domain.reasons import sentence
from handoff.services.history import MOST, Span, replay_history
from handoff.services.policies import readable
from handoff.services.views import View
from handoff.web.errors import PageRoute
from handoff.web.filters import InPeriod, Period
from handoff.web.pages import Page, shown
from handoff.web.visits import Counting

LIMITS = (100, 500, MOST)
COUNTS = ("conversations", "old", "new", *CHANGES)
HEADINGS = (
    "Conversations",
    "Escalated as it is",
    "… by this one",
    "Only by this one",
    "Only as it is",
    "Earlier",
    "Later",
    "Another reason",
)
"""Of the COUNTS, in their order."""
NAMED = {
    Change.ONLY_NEW: "only by this one",
    Change.ONLY_OLD: "only as it is",
    Change.EARLIER: "earlier",
    Change.LATER: "later",
    Change.OTHER_REASON: "for another reason",
}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class JobRow:
    """What either policy does in one job, or in all."""

    job: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation in which the two differ."""

    conversation: str
    job: str
    differs: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay."""

    policy: str
    against: str
    total: JobRow
    jobs: tuple[JobRow, ...]
    examples: tuple[Example, ...]
    left_out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPage(Page):
    """A form that asks over which conversations, and what a version would have done in them."""

    template: ClassVar[str] = "supervisor/replay.html"
    version: str
    policy_href: str
    replay_path: str
    period: Period
    limit: int
    limits: tuple[int, ...]
    headings: tuple[str, ...]
    replayed: Replayed | None


@router.get("/policies/{version}/replay")
def replay(
    visit: Counting,
    version: str,
    period: InPeriod,
    limit: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> Response:
    """Show the form; once it was sent, what the version would have done beside the one in force."""
    tenant = visit.who.tenant
    policy = readable(visit.deps, tenant, version)
    span = Span(period.start, period.end, limit or MOST)
    found = replay_history(visit.deps, tenant, policy, span) if limit else None
    href = f"/policies/{quote(version, safe='')}"
    return shown(
        ReplayPage(
            frame=visit.frame(f"What {policy.name} would have done"),
            version=version,
            policy_href=href,
            replay_path=f"{href}/replay",
            period=period,
            limit=limit or LIMITS[1],
            limits=LIMITS,
            headings=HEADINGS,
            replayed=_replayed(found) if found is not None else None,
        )
    )


def _replayed(found: View) -> Replayed:
    return Replayed(
        policy=str(found["policy"]),
        against=str(found["against"]),
        total=_row("", found),
        jobs=tuple(_row(str(job["job"] or ""), job) for job in _rows(found["jobs"])),
        examples=tuple(map(_example, _rows(found["examples"]))),
        left_out=_left_out(found["left_out"]),
    )


def _rows(value: JsonValue) -> Iterator[Mapping[str, JsonValue]]:
    yield from (one for one in (value if isinstance(value, list) else ()) if isinstance(one, dict))


def _row(job: str, counts: Mapping[str, JsonValue]) -> JobRow:
    return JobRow(job, tuple(str(counts[name]) for name in COUNTS))


def _example(one: Mapping[str, JsonValue]) -> Example:
    return Example(
        conversation=str(one["conversation_id"]),
        job=str(one["job"] or ""),
        differs=NAMED[Change(str(one["difference"]))],
        old=_told(one["old"]),
        new=_told(one["new"]),
    )


def _told(escalation: JsonValue) -> str:
    """Return on which turn, counted from 1, and why; a dash for no escalation."""
    match escalation:
        case {"turn_index": int(turn), "reason_code": code}:
            return f"turn {turn + 1}: {sentence(str(code or 'other'))}"
        case _:
            return "–"


def _left_out(value: JsonValue) -> str:
    match value:
        case {"conversations": int(count), "because": str(because)}:
            return f"{count:,} older conversations were left out: the {because} was reached."
        case _:
            return ""

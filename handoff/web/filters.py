"""The filters of supervisors' lists: read from the address, shown in the form, kept in links."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from handoff.domain.errors import Invalid
from handoff.domain.escalation import State
from handoff.domain.records import EscalationFilter

Asked = Annotated[str, Query(max_length=200)]
FIRST, LAST = date(1970, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days as they were typed; both are included, in UTC, and empty means without end."""

    since: str = ""
    until: str = ""

    @property
    def start(self) -> datetime | None:
        """Return the first instant; raise Invalid."""
        return _midnight(self.since)

    @property
    def end(self) -> datetime | None:
        """Return the first instant after the period; raise Invalid."""
        last = _midnight(self.until)
        return None if last is None else last + timedelta(days=1)

    @property
    def backwards(self) -> bool:
        """Tell whether it ends before it begins; raise Invalid."""
        return self.start is not None and self.end is not None and self.start >= self.end

    @property
    def query(self) -> str:
        """Return the period for an address: `?since=…`, or nothing."""
        return _query({"since": self.since, "until": self.until})


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of transfers is narrowed down to; empty means any."""

    period: Period = Period()
    job: str = ""
    intent: str = ""
    reason: str = ""
    state: str = ""
    queue: str = ""
    incident: str = ""

    @property
    def where(self) -> EscalationFilter:
        """Return them as the store takes them; raise Invalid."""
        return EscalationFilter(
            states=_states(self.state),
            queue=self.queue or None,
            job=self.job or None,
            intent=self.intent or None,
            reason_code=self.reason or None,
            incident_id=self.incident or None,
            since=self.period.start,
            until=self.period.end,
        )

    @property
    def any(self) -> bool:
        """Tell whether anything is filtered."""
        return self != Filters()

    def query(self, cursor: str | None = None) -> str:
        """Return the filters for an address, with where to go on."""
        return _query(
            {
                "since": self.period.since,
                "until": self.period.until,
                "job": self.job,
                "intent": self.intent,
                "reason": self.reason,
                "state": self.state,
                "queue": self.queue,
                "incident": self.incident,
                "cursor": cursor or "",
            }
        )


def _period(since: Asked = "", until: Asked = "") -> Period:
    return Period(since.strip(), until.strip())


InPeriod = Annotated[Period, Depends(_period)]


def _filters(
    period: InPeriod,
    job: Asked = "",
    intent: Asked = "",
    reason: Asked = "",
    state: Asked = "",
    queue: Asked = "",
    incident: Asked = "",
) -> Filters:
    told = (job.strip(), intent.strip(), reason.strip(), state.strip())
    return Filters(period, *told, queue, incident.strip())


Filtered = Annotated[Filters, Depends(_filters)]


def _midnight(typed: str) -> datetime | None:
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise Invalid("A day is written like 2026-11-23.") from None
    if not FIRST <= day <= LAST:
        raise Invalid("A day must lie between 1970 and 2200.")
    return datetime.combine(day, time(), UTC)


def _states(typed: str) -> tuple[State, ...] | None:
    if not typed:
        return None
    if typed == "open":
        return tuple(state for state in State if state is not State.CLOSED)
    try:
        return (State(typed),)
    except ValueError:
        raise Invalid(f"There is no state of that name; there are: {', '.join(State)}.") from None


def _query(told: dict[str, str]) -> str:
    given = {name: value for name, value in told.items() if value}
    return f"?{urlencode(given)}" if given else ""

"""Say times, states and people on pages in the same few words everywhere."""

from datetime import UTC, datetime
from urllib.parse import quote

from handoff.domain.escalation import Escalation, State

MINUTE, HOUR, DAY = 60, 3_600, 86_400
URGENT = 2
"""Priorities up to this are marked."""


def span(seconds: float) -> str:
    """Return a duration in at most two units: `45 s`, `4 min`, `1 h 05 min`, `3 d 2 h`."""
    whole = max(int(seconds), 0)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def between(start: datetime | None, end: datetime | None) -> str:
    """Return the duration between two instants, empty where one is missing."""
    return "" if start is None or end is None else span((end - start).total_seconds())


def _utc(at: datetime) -> datetime:
    """Return an instant in UTC; as it stands without an offset, or at the ends of the calendar."""
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        return at.replace(tzinfo=UTC)


def clock(at: datetime | None) -> str:
    """Return the time of day in UTC, empty without one."""
    return "" if at is None else f"{_utc(at):%H:%M:%S}"


def day_and_time(at: datetime | None) -> str:
    """Return date and time in UTC, empty without one."""
    return "" if at is None else f"{_utc(at):%d %b %Y, %H:%M}"


def moment(at: datetime | None) -> str:
    """Return date and time and that it is UTC, empty without one."""
    return "" if at is None else f"{day_and_time(at)} UTC"


def iso(at: datetime | None) -> str:
    """Return an instant for a `datetime` attribute, empty without one."""
    return "" if at is None else _utc(at).isoformat(timespec="seconds")


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 turn`, `3 turns`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


UNATTENDED = (State.QUEUED, State.RESERVED, State.DEFERRED, State.ABANDONED)
"""Nobody is on it, though somebody may have been before."""


def waited(escalation: Escalation, at: datetime) -> str:
    """Return how long the customer waited for a person; `so far` while nobody is on it."""
    if escalation.state in UNATTENDED:
        return f"{between(escalation.queued_at, at)} so far"
    return between(escalation.queued_at, escalation.accepted_at or escalation.closed_at or at)


NEXT = {
    State.RESERVED: "held until {}",
    State.CONNECTING: "tried until {}",
    State.ACTIVE: "goes back to the queue in {} if nothing is said",
    State.WRAPPING: "closes by itself at {}",
    State.DEFERRED: "back in the queue at {}",
    State.ABANDONED: "kept for the customer until {}",
}
"""What an open state's timer does, in words."""


def next_event(escalation: Escalation, at: datetime) -> str:
    """Return what happens to the escalation by itself and when; empty while it simply waits."""
    if escalation.due_at is None or escalation.state not in NEXT:
        return ""
    if escalation.state is State.ACTIVE:
        left = between(at, escalation.due_at)
        return "on the line" if escalation.leg_up else NEXT[State.ACTIVE].format(left)
    far = (escalation.due_at - escalation.changed_at).total_seconds() >= DAY / 2
    told = moment(escalation.due_at) if far else f"{clock(escalation.due_at)} UTC"
    promised = escalation.contact_at
    if escalation.state is State.DEFERRED and promised and promised > escalation.due_at:
        return f"{NEXT[State.DEFERRED].format(told)}, contact promised by {moment(promised)}"
    return NEXT[escalation.state].format(told)


def desk_href(escalation_id: str) -> str:
    """Return where an escalation is at the desk."""
    return f"/desk/escalations/{quote(escalation_id, safe='')}"


def story_href(escalation_id: str) -> str:
    """Return where an escalation's story is."""
    return f"/transfers/{quote(escalation_id, safe='')}"

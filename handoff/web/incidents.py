"""The banner of the incidents that go on: how many, since when, why, and where they are now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from handoff.domain.incident import Incident
from handoff.domain.ports import Transaction
from handoff.domain.records import Page, Standing
from handoff.web.words import clock, counted, iso

MOST = 5
"""Incidents that are told of on top of a page, the newest."""


@dataclass(frozen=True, slots=True)
class Banner:
    """One incident, in words."""

    what: str
    """How many conversations, followed by since when."""
    since: str
    instant: str
    why: str
    now: str
    """Where its escalations are, in words."""
    href: str
    """The list of them."""


def banners(tx: Transaction, listed_at: str, at: datetime) -> tuple[Banner, ...]:
    """Return what goes on; `listed_at` is the page that lists escalations for the visitor."""
    found = tx.incidents.list(still_open=True, page=Page(MOST)).items
    return tuple(
        _banner(one, tx.incidents.standing(one.incident_id), listed_at, at) for one in found
    )


def _banner(incident: Incident, standing: Standing, listed_at: str, at: datetime) -> Banner:
    return Banner(
        what=counted(incident.escalations, "conversation"),
        since=_told(incident.opened_at, at),
        instant=iso(incident.opened_at),
        why=incident.title,
        now=", ".join(_now(standing, at)),
        href=f"{listed_at}?{urlencode({'incident': incident.incident_id})}",
    )


def _now(standing: Standing, at: datetime) -> Iterator[str]:
    yield f"{standing.waiting} in the queue"
    if standing.held:
        # A promise that is told to the minute must not be told too early.
        latest = standing.contact_at and standing.contact_at + timedelta(seconds=59)
        until = f" by {_told(latest, at)} UTC" if latest else ""
        yield f"{standing.held} promised a contact{until}"
    if standing.with_people:
        yield f"{standing.with_people} with people"


def _told(moment: datetime, at: datetime) -> str:
    """Return an instant by its time of day, with the day where that is another one."""
    time = clock(moment)[:-3]
    return time if moment.date() == at.date() else f"{time} on {moment:%d %b}"


def incident_line(tx: Transaction, incident_id: str | None) -> str:
    """Return in a line which incident an escalation is one of, empty if it is of none."""
    incident = tx.incidents.get(incident_id) if incident_id else None
    if incident is None:
        return ""
    others = counted(incident.escalations, "conversation")
    over = ", over" if incident.closed_at else ""
    return f"One of {others} because {incident.title}{over}"

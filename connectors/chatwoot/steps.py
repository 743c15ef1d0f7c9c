"""What a conversation at Chatwoot still needs, compared with how it is there now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from handoff.cards import Context, render
from handoff.domain.answers import dict_in, list_in, told_in
from handoff.domain.connector import ENDS, WITHDRAWN, Parcel
from handoff.domain.escalation import GIVEN_BACK, Escalation, State
from handoff.domain.standing import ended
from handoff.templating import markdown, one_line

MARK = "handoff"
"""Custom attribute that says whose escalation it is, signed: visitors can set attributes too."""
STATE = "handoff_state"
PRIORITIES = {1: "urgent", 2: "high", 3: "medium", 4: "low", 5: "low"}
NOBODY = 0
"""Who an unassigned conversation is assigned to."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Where conversations go over there, and who is who."""

    teams: Mapping[str, str]
    labels: tuple[str, ...]
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A call that is left to make: the last piece of its path, and what it sends."""

    name: str
    body: dict[str, JsonValue]


def steps(
    parcel: Parcel, there: dict[str, JsonValue], mark: str, routing: Routing, *, noted: bool
) -> Iterator[Step]:
    """Yield the calls that are left, the card before what shows the conversation to people.

    Attributes and labels are replaced whole over there, so those it has are sent along.
    """
    ending = parcel.event in ENDS
    kept, wanted = dict_in(there, "custom_attributes"), _attributes(parcel, mark)
    if any(kept.get(name) != value for name, value in wanted.items()):
        yield Step("custom_attributes", {"custom_attributes": {**kept, **wanted}})
    note = "" if noted else _note(parcel)
    if note:
        yield Step("messages", {"content": note, "message_type": "outgoing", "private": True})
    if not ending:
        yield from _routed(parcel.escalation, there, routing)
    status = _status(parcel)
    if status and there.get("status") != status["status"]:
        yield Step("toggle_status", status)


def _attributes(parcel: Parcel, mark: str) -> dict[str, JsonValue]:
    """Return what the side column shows; what callbacks carry back is among it."""
    escalation = parcel.escalation
    withdrawn = parcel.event == "withdrawn"
    return {
        MARK: mark,
        STATE: parcel.event if withdrawn else escalation.state.value,
        "handoff_reason": escalation.reason_code,
        "handoff_owner": one_line(escalation.owner or "")[:200],
        "handoff_card": parcel.card_url or "",
    }


def _note(parcel: Parcel) -> str:
    """Return the note of a delivery, with its id, by which it is found again."""
    if parcel.event in ("opened", "updated"):
        told = render(parcel.card, "chatwoot", Context(link=parcel.card_url))
    elif parcel.event in ENDS:
        told = WITHDRAWN if parcel.event == "withdrawn" else _words(parcel.escalation)
    else:
        return ""
    return f"{told.rstrip()}\n\n`{parcel.delivery_id}`"


def _words(escalation: Escalation) -> str:
    """Return how the escalation ended, in a line without placeholders."""
    told = ended(escalation, lambda owner: markdown(one_line(owner)))
    return told.replace("{", "\\{").replace("%", "\\%")[:1_000]


def _routed(
    escalation: Escalation, there: dict[str, JsonValue], routing: Routing
) -> Iterator[Step]:
    """Yield what brings it to its people: labels, priority, team, and who has it."""
    labels = [one for one in list_in(there, "labels") if isinstance(one, str)]
    new = [one for one in routing.labels if one not in labels]
    if new:
        yield Step("labels", {"labels": [*labels, *new]})
    priority = PRIORITIES.get(escalation.priority, "medium")
    if there.get("priority") != priority:
        yield Step("toggle_priority", {"priority": priority})
    team = routing.teams.get(escalation.queue)
    if team and told_in(there, "meta", "team", "id") != team:
        yield Step("assignments", {"team_id": int(team)})
    assignee = told_in(there, "meta", "assignee", "id")
    ids = [number for number, name in routing.people.items() if name == escalation.owner]
    if ids and assignee not in ids:
        yield Step("assignments", {"assignee_id": int(ids[0])})
    elif escalation.state is State.QUEUED and assignee in routing.people:
        yield Step("assignments", {"assignee_id": NOBODY})


def _status(parcel: Parcel) -> dict[str, JsonValue] | None:
    """Return what the conversation's status is to be; None where people's own choice stands."""
    escalation = parcel.escalation
    if parcel.event == "withdrawn":
        return {"status": "pending"}
    if escalation.state is State.CLOSED:
        return {"status": "pending" if escalation.outcome in GIVEN_BACK else "resolved"}
    if parcel.event == "closed":
        return {"status": "resolved"}
    if escalation.state is State.DEFERRED:
        until = escalation.contact_at
        return {"status": "snoozed"} | ({"snoozed_until": int(until.timestamp())} if until else {})
    queued = parcel.event == "changed" and escalation.state is State.QUEUED
    return {"status": "open"} if parcel.event == "opened" or queued else None

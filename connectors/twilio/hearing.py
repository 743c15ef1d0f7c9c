"""What TaskRouter's events and a conference's mean for an escalation.

https://www.twilio.com/docs/taskrouter/api/event/reference, and for the telephone
https://www.twilio.com/docs/voice/api/conference-resource#conference-events: TaskRouter never says
that a worker is on the line, only the conference does, whose name is the task's SID.
"""

from datetime import datetime

from pydantic import JsonValue

from connectors.twilio.account import Account
from connectors.twilio.signed import verified
from connectors.twilio.tasks import OURS, Task, Tasks
from handoff.domain.answers import json_of, told_in
from handoff.domain.connector import Callback, Said
from handoff.domain.errors import ConnectorError, Invalid

QUICK = 5.0
"""Seconds to ask for a conference's task: Twilio waits fifteen for our answer."""
HANGUP = "hangup"
_LONGEST = 200
RESERVATIONS: dict[str, tuple[str, dict[str, JsonValue]]] = {
    "reservation.created": ("reserved", {}),
    "reservation.accepted": ("assigned", {}),
    "reservation.rejected": ("unreserved", {"result": "declined"}),
    "reservation.timeout": ("unreserved", {"result": "no_answer"}),
    "reservation.canceled": ("unreserved", {"result": "failed"}),
    "reservation.rescinded": ("unreserved", {"result": "no_answer"}),
    "reservation.wrapup": ("wrapping", {}),
}
"""Event to our verb and its details. A reservation that completes may be one that is transferred:
only a task that completes is an end."""


class Ear:
    """Understands the callbacks of one account."""

    def __init__(self, account: Account, tasks: Tasks) -> None:
        """Keep what signs, who is who, and whom to ask."""
        self._account = account
        self._tasks = tasks

    def said(self, callback: Callback) -> tuple[Said, ...]:
        """Return what a callback says; raise Unauthenticated if forged, Invalid if malformed."""
        token = self._account.auth_token.get_secret_value()
        told = verified(callback, self._account.callback_url, token)
        if told.get("AccountSid", self._account.account_sid) != self._account.account_sid:
            raise Invalid("the callback is malformed at: AccountSid")
        if "StatusCallbackEvent" in told:
            return self._conference(told, callback.at)
        kind = _needed(told, "EventType")
        if told.get("WorkspaceSid") != self._account.workspace_sid:
            return ()
        carried = _object(told.get("TaskAttributes", ""))
        escalation_id = self._tasks.whose(carried)
        said = self._event(kind, told, carried) if escalation_id else None
        if said is None:
            return ()
        verb, details = said
        return (Said(_needed(told, "Sid"), verb, escalation_id, self._who(told), details),)

    def _event(
        self, kind: str, told: dict[str, str], carried: dict[str, JsonValue]
    ) -> tuple[str, dict[str, JsonValue]] | None:
        """Return the verb of an event and its details; None of what says nothing to us."""
        if kind == "task.completed":
            code = told_in(carried, "disposition")
            return None if _ours(told) else ("resolve", {"disposition": code} if code else {})
        if kind == "task.canceled":
            return None if _ours(told) else _canceled(_why(told))
        return RESERVATIONS.get(kind)

    def _who(self, told: dict[str, str]) -> str:
        """Return a worker's name here."""
        sid, name = told.get("WorkerSid", ""), told.get("WorkerName", "")
        people = self._account.people
        known = people.get(sid) or people.get(name) or name or f"twilio:{sid or 'task'}"
        return known.replace("\0", "")[:_LONGEST]

    def _conference(self, told: dict[str, str], at: datetime) -> tuple[Said, ...]:
        """Return what a conference's event says of a leg: of the worker's, or the customer's."""
        kind, call = told["StatusCallbackEvent"], told.get("CallSid", "")
        name = told.get("FriendlyName", "")
        joined = kind == "participant-join"
        listens = told.get("Coaching", "").casefold() == "true"
        if not (joined or kind == "participant-leave") or listens or not _is_task(name):
            return ()
        task = self._asked(name, at)
        escalation_id = self._tasks.whose(task.attributes) if task else ""
        if task is None or not escalation_id or not call:
            return ()
        conference, number = _needed(told, "ConferenceSid"), told.get("SequenceNumber", "")
        event_id = f"{conference}:{kind}:{call}:{number}"[:_LONGEST]
        if call == told_in(task.attributes, "call_sid"):
            return () if joined else (Said(event_id, "left", escalation_id, "", {}),)
        leg: dict[str, JsonValue] = {"leg_id": call, "state": "bridged" if joined else "ended"}
        return (Said(event_id, "leg", escalation_id, "", leg),)

    def _asked(self, sid: str, at: datetime) -> Task | None:
        try:
            return self._tasks.get(sid, at, quick=QUICK)
        except ConnectorError as error:
            raise Invalid(f"Twilio could not be asked: {error.message}") from None


def _canceled(why: str) -> tuple[str, dict[str, JsonValue]]:
    """Return what a task says that was canceled over there: the customer left, or a note.

    It stays in our queue: what ends a task (its own time to live, a workflow's end) ends no
    escalation.
    """
    if why.casefold() == HANGUP:
        return "left", {}
    return "note", {"text": f"Twilio canceled the task: {why or 'no reason told'}"[:_LONGEST]}


def _why(told: dict[str, str]) -> str:
    why = told.get("TaskCanceledReason") or told.get("TaskCompletedReason") or ""
    return why.replace("\0", "")


def _ours(told: dict[str, str]) -> bool:
    return _why(told).startswith(OURS)


def _is_task(name: str) -> bool:
    return name.startswith("WT") and name.isascii() and name.isalnum() and len(name) == 34


def _needed(told: dict[str, str], name: str) -> str:
    value = told.get(name, "")
    if not 0 < len(value) <= _LONGEST or "\0" in value:
        raise Invalid(f"the callback is malformed at: {name}")
    return value


def _object(text: str) -> dict[str, JsonValue]:
    told = json_of(text or "{}")
    if not isinstance(told, dict):
        raise Invalid("the callback is malformed at: TaskAttributes")
    return told

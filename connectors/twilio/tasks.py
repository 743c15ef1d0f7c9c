"""Tasks of TaskRouter: how an escalation stands as one, found, changed and ended.

https://www.twilio.com/docs/taskrouter/api/task
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from connectors.twilio.account import Account, Api, sid_in
from handoff.cards import Context, render
from handoff.cards.budget import Part
from handoff.domain.answers import dict_in, json_of, told_in, undocumented
from handoff.domain.connector import ENDS, NOTHING, Parcel
from handoff.domain.escalation import Escalation, State
from handoff.domain.extracts import encodable
from handoff.domain.signatures import mark, marked

OURS = "handoff: "
"""Begins the reason of a task that ended because of us."""
OVER = frozenset({"canceled", "completed"})
OFFERED = frozenset({"pending", "reserved"})
TAKEN = frozenset({State.CONNECTING, State.ACTIVE, State.WRAPPING})
AWAY = frozenset({State.ABANDONED, State.DEFERRED})
CARD = frozenset({*(part.value for part in Part), "left_out"})
"""Attributes that an earlier version of the card may have and a later one not."""
MARK = "handoff_mark"
"""Attribute that proves `escalation_id` to be ours: a visitor's form may fill attributes too."""
_THING = "twilio"
PAGE = 20
_LONGEST_QUEUE = 100
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it is over there."""

    sid: str
    status: str
    attributes: dict[str, JsonValue]
    etag: str = ""

    @property
    def is_over(self) -> bool:
        """Tell whether nobody works on it any more."""
        return self.status in OVER


class Tasks:
    """The tasks of one workspace."""

    def __init__(self, account: Account, api: Api) -> None:
        """Keep whom to call, and what marks a task as ours."""
        self._api = api
        self._key = account.auth_token.get_secret_value()
        self._path = f"/v1/Workspaces/{account.workspace_sid}/Tasks"

    def created(self, form: Mapping[str, str], at: datetime) -> str:
        """Create a task and return its SID; raise ConnectorError."""
        sid = sid_in(self._api.post(self._path, form, at), "sid")
        if not sid:
            raise undocumented()
        return sid

    def get(self, sid: str, at: datetime, *, quick: float = 0) -> Task | None:
        """Return a task, None where it is deleted; raise ConnectorError."""
        told, etag = self._api.get(f"{self._path}/{sid}", at, quick=quick)
        return None if told is None else _task(told, etag)

    def of(self, escalation_id: str, at: datetime) -> Task | None:
        """Return the escalation's task, one that is not over before others; None without any."""
        query = {
            "EvaluateTaskAttributes": f"escalation_id == {json.dumps(escalation_id)}",
            "Ordering": "DateCreated:desc",
            "PageSize": str(PAGE),
        }
        told, _ = self._api.get(self._path, at, query)
        listed = told.get("tasks") if told else None
        if not isinstance(listed, list):
            raise undocumented()
        tasks = [_task(one) for one in listed]
        found = [one for one in tasks if self.whose(one.attributes) == escalation_id]
        return next((one for one in found if not one.is_over), found[0] if found else None)

    def change(self, task: Task, form: Mapping[str, str], at: datetime) -> None:
        """Change a task as it was seen; raise ConnectorError, to be repeated if it changed."""
        etag = task.etag
        if not etag:
            seen = self.get(task.sid, at)
            etag = seen.etag if seen else ""
        if not told_in(self._api.post(f"{self._path}/{task.sid}", form, at, etag), "sid"):
            raise undocumented()

    def whose(self, attributes: JsonValue) -> str:
        """Return the escalation of a task of ours by its attributes, empty of any other task."""
        told = f"{told_in(attributes, 'escalation_id')}.{told_in(attributes, MARK)}"
        return marked(self._key, _THING, told)

    def attributes(self, parcel: Parcel) -> dict[str, JsonValue]:
        """Return what to route by, and by what the task, its call and conversation are found."""
        escalation_id = parcel.escalation.escalation_id
        signature = mark(self._key, _THING, escalation_id).rpartition(".")[2]
        return _attributes(parcel) | {MARK: signature}

    def packed(self, parcel: Parcel) -> str:
        """Return the attributes of a new task as JSON."""
        return _packed(self.attributes(parcel))

    def changed(self, parcel: Parcel, task: Task) -> dict[str, str]:
        """Return what a task is to be like; what others wrote on it stays."""
        theirs = {name: value for name, value in task.attributes.items() if name not in CARD}
        return {
            "Attributes": _packed(theirs | self.attributes(parcel)),
            "Priority": priority(parcel.escalation),
        }

    def readable(self, at: datetime) -> bool:
        """Tell whether the workspace's tasks can be listed; raise ConnectorError."""
        told, _ = self._api.get(self._path, at, {"PageSize": "1"})
        return told is not None and isinstance(told.get("tasks"), list)


def _attributes(parcel: Parcel) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = json.loads(
        render(parcel.card, "taskrouter", Context(link=parcel.card_url))
    )
    told["escalation_id"] = parcel.escalation.escalation_id
    told["delivery_id"] = parcel.delivery_id
    told["queue"] = parcel.escalation.queue[:_LONGEST_QUEUE]
    for name, sid in (("call_sid", "twilio_call_sid"), ("channelSid", "twilio_conversation_sid")):
        if sid in parcel.external:
            told[name] = parcel.external[sid]
    return told


def wanted(parcel: Parcel, known: str) -> bool:
    """Tell whether somebody waits for a task that is not there (any more)."""
    state = parcel.escalation.state
    waits = state is State.QUEUED or (state is State.RESERVED and known == NOTHING)
    return waits and parcel.event not in ENDS


def priority(escalation: Escalation) -> str:
    """Return the priority as Twilio has it: the higher, the sooner."""
    return str(10 * max(6 - escalation.priority, 0))


def since(parcel: Parcel) -> str:
    """Return the virtual start: since when they wait in the queue, never in the future."""
    return (
        min(parcel.escalation.queued_at, parcel.at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )


def ending(parcel: Parcel, task: Task) -> dict[str, str] | None:
    """Return what ends a task that is needed no more; None while it is.

    It is not while the customer is away, nor where somebody who is not Twilio's worker has them.
    """
    state = parcel.escalation.state
    elsewhere = state in TAKEN | AWAY and task.status in OFFERED
    if parcel.event not in ENDS and not elsewhere:
        return None
    why = parcel.event if parcel.event in ENDS else state.value
    return {
        "AssignmentStatus": "canceled" if task.status in OFFERED else "completed",
        "Reason": f"{OURS}{why}"[:_LONGEST_REASON],
    }


def _packed(told: Mapping[str, JsonValue]) -> str:
    return encodable(json.dumps(told, ensure_ascii=False, separators=(",", ":")))


def _task(told: JsonValue, etag: str = "") -> Task:
    """Return a task; raise ConnectorError where it is not as documented."""
    sid, status = sid_in(told, "sid"), told_in(told, "assignment_status")
    if not sid or not status:
        raise undocumented()
    return Task(sid, status, dict_in(json_of(told_in(told, "attributes"))), etag)

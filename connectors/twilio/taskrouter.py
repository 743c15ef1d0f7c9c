"""Twilio TaskRouter: a task that the queue's workflow routes, and what becomes of it."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from connectors.twilio.account import Account, Api
from connectors.twilio.hearing import Ear
from connectors.twilio.tasks import Task, Tasks, ending, priority, since, wanted
from handoff.domain.answers import undocumented
from handoff.domain.connector import ENDS, NOTHING, Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt

LONGEST_LIFE = 1_209_600
"""Seconds a task may wait over there: the most there is, for no escalation ends by it."""


class TaskRouter:
    """Creates a task and keeps it up to date; its workflow routes. Duplicates: at most one, rare.

    TaskRouter has no idempotency key: after an unknown outcome the workspace is searched for a task
    with the escalation's id. One that was created and cannot be found yet could be created again.
    """

    class Config(Account):
        """The account, its workspace and workflows."""

        timeout: int = Field(
            default=LONGEST_LIFE,
            ge=60,
            le=LONGEST_LIFE,
            description="seconds until Twilio cancels a task that nobody took",
        )

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    follows: ClassVar = True
    routes: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called, and who is who."""
        self._config = config
        self._tasks = Tasks(config, Api(config, config.taskrouter_url, outbound))
        self._ear = Ear(config, self._tasks)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Create the task, change it, or end it; one that ended while they wait is made anew."""
        reference = parcel.reference
        first = parcel.event == "opened" and parcel.attempt == 1
        if reference is None or reference == NOTHING:
            task = None if first else self._tasks.of(parcel.escalation.escalation_id, parcel.at)
        else:
            task = self._tasks.get(reference, parcel.at)
        if task is None or task.is_over:
            return self._without(parcel, task)
        end = ending(parcel, task)
        self._tasks.change(task, end or self._tasks.changed(parcel, task), parcel.at)
        return Receipt(task.sid)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Find the task by the escalation, a change by the delivery that the task carries."""
        task = self._tasks.of(parcel.escalation.escalation_id, parcel.at)
        if task is None:
            return None
        done = task.is_over if parcel.event in ENDS else False
        carried = task.attributes.get("delivery_id") == parcel.delivery_id
        return Receipt(task.sid) if done or carried else None

    def check(self, at: datetime) -> str:
        """Return that the workspace's tasks may be read; raise ConnectorError."""
        if not self._tasks.readable(at):
            raise undocumented()
        return f"the tasks of {self._config.workspace_sid} may be read"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what became of a task or a call; raise Unauthenticated or Invalid."""
        return self._ear.said(callback)

    def _without(self, parcel: Parcel, task: Task | None) -> Receipt:
        """Create a task where somebody waits for one; else there is nothing to tell."""
        known = task.sid if task else parcel.reference or NOTHING
        if not wanted(parcel, known):
            return Receipt(known)
        return Receipt(self._tasks.created(self._new(parcel), parcel.at))

    def _new(self, parcel: Parcel) -> dict[str, str]:
        config, escalation = self._config, parcel.escalation
        form = {
            "WorkflowSid": config.workflows.get(escalation.queue, config.workflow_sid),
            "Attributes": self._tasks.packed(parcel),
            "Priority": priority(escalation),
            "VirtualStartTime": since(parcel),
            "Timeout": str(config.timeout),
        }
        channel = config.task_channels.get(escalation.channel, config.task_channel)
        return form | ({"TaskChannel": channel} if channel else {})

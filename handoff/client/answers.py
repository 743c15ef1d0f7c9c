"""What the service answers, typed; fields that a newer service adds are ignored."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from handoff.domain.control import Controller
from handoff.domain.decision import Action
from handoff.domain.delivery import DeliveryState
from handoff.domain.escalation import CloseOutcome, State

Json = dict[str, JsonValue]


class Answer(BaseModel):
    """An immutable part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Control(Answer):
    """Who has the floor. A bot speaks with `epoch`; it is refused once the floor has passed on."""

    holder: Controller
    name: str | None = None
    epoch: int


class Reason(Answer):
    """One piece of evidence in a decision."""

    signal: str
    rule: str | None = None
    strength: float
    value: JsonValue = None
    threshold: float | None = None
    turns: tuple[int, ...] = ()


class Escalation(Answer):
    """An escalation as it stands; `possible` are the moves its state allows."""

    escalation_id: str
    conversation_id: str
    state: State
    version: int
    possible: tuple[str, ...] = ()
    queue: str
    priority: int
    reason_code: str
    reasons: tuple[Reason, ...] = ()
    opener: str
    channel: str
    job: str | None = None
    intent: str | None = None
    card_version: int
    owner: str | None = None
    reserved_for: str | None = None
    opened_at: datetime
    queued_at: datetime
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    contact_at: datetime | None = None
    outcome: CloseOutcome | None = None
    disposition: str | None = None
    return_brief: Json | None = None
    previous_id: str | None = None
    cause: str | None = None
    incident: str | None = None
    """The incident that it is one of."""


class TurnAnswer(Answer):
    """What to do after a turn, and why. `card` comes with the turn that opened an escalation.

    `say` is what the customer is to be told then, where an incident keeps them from the queue.
    """

    conversation_id: str = Field(description="as it was sent")
    turn_id: str = Field(description="as it was sent")
    turn_index: int = Field(description="the turn's place, from 0")
    action: Action = Field(description="`continue`, `offer` a person once, or `escalate`")
    score: float = Field(description="from 0 to 1: how much speaks for a person")
    reasons: tuple[Reason, ...] = Field(default=(), description="the evidence, strongest first")
    reason_code: str | None = Field(default=None, description="why, in one word for routing")
    policy: str = Field(default="", description="version of the policy that decided")
    after_handoff: bool = Field(default=False, description="a bot turn without the floor")
    control: Control = Field(description="who has the floor, and the `epoch` to speak with")
    escalation: Escalation | None = Field(default=None, description="the open one")
    card: Json | None = Field(default=None, description="with the turn that opened it")
    say: str | None = Field(default=None, description="what to tell the customer now")
    return_brief: Json | None = Field(
        default=None, description="what a person did and promised, after the hand-back"
    )


class Opened(Answer):
    """The escalation opened for a request, or the one that was open already."""

    escalation: Escalation
    card: Json
    created: bool
    connect: Json | None = None
    say: str | None = None


class Delivery(Answer):
    """One connector times one event of one escalation, and what came of it."""

    delivery_id: str
    escalation_id: str
    connector: str
    event: str
    state: DeliveryState
    attempts: int
    card_version: int
    reference: str | None = None
    error: str | None = None


class Replay(Answer):
    """What a policy would have done on past conversations, `against` the one in force.

    Conversations are counted by their first escalation under either; `jobs` has the counts by job,
    `examples` some conversations of each difference, `left_out` how many were not read and why.
    """

    policy: str
    against: str
    conversations: int
    turns: int
    new: int
    old: int
    only_new: int
    only_old: int
    earlier: int
    later: int
    other_reason: int
    same: int
    reasons: dict[str, dict[str, int]]
    jobs: tuple[Json, ...]
    examples: tuple[Json, ...]
    left_out: Json


class Event(Answer):
    """Something that changed: ids and states, no content. `sequence` resumes the feed after it."""

    sequence: int
    kind: str
    subject: str
    data: Json = Field(default_factory=dict)


class Webhook(Answer):
    """A registered webhook; `secret` (`whsec_…`) only where it was just made."""

    webhook_id: str
    url: str
    description: str
    queues: tuple[str, ...]
    callback_url: str
    rotated_at: datetime
    old_secret_until: datetime | None = None
    created_at: datetime
    created_by: str
    secret: str | None = Field(default=None, repr=False)

"""The form of a policy file, `handoff-policy/1`, as it is written."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from handoff.domain.disclosure import Destination, Personal, Redaction
from handoff.domain.extracts import label

Name = Annotated[str, Field(min_length=1, max_length=100)]
CauseKey = Annotated[str, Field(pattern=r"^(tool|rule|signal|reason):.+$", max_length=250)]
Words = Annotated[str, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Priority = Annotated[int, Field(ge=1, le=5, description="1 is the most urgent")]
SignalSettings = dict[str, JsonValue]


class Part(BaseModel):
    """A part of a policy: unknown keys are mistakes and types are not guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Score(Part):
    """How signals add up: `1 / (1 + e^−(bias + Σ weight × level))`.

    A level is a signal's strength when it fires; it is multiplied by `decay` with every customer
    turn and by `relief` when progress is made. After an escalation the score acts again only once
    it has been below `rearm_at`; rules do not wait for that.
    """

    bias: float = Field(default=-3.0, ge=-20.0, le=20.0, allow_inf_nan=False)
    decay: Share = 0.85
    relief: Share = 0.4
    offer_at: Share = 0.5
    escalate_at: Share = 0.75
    cool_down: int = Field(default=12, ge=0, le=1000, description="turns, after an escalation")
    rearm_at: Share | None = Field(
        default=None, description="score to fall below before it may act again; ¾ of offer_at"
    )

    @property
    def rearmed_below(self) -> float:
        """Return what the score must fall below after an escalation before it may act again."""
        return 0.75 * self.offer_at if self.rearm_at is None else self.rearm_at


class ScoreOverrides(Part):
    """What a job scores differently; what is absent stays."""

    bias: float | None = Field(default=None, ge=-20.0, le=20.0, allow_inf_nan=False)
    decay: Share | None = None
    relief: Share | None = None
    offer_at: Share | None = None
    escalate_at: Share | None = None
    cool_down: int | None = Field(default=None, ge=0, le=1000)
    rearm_at: Share | None = None


class Rule(Part):
    """A hard rule: `when` is CEL over `turn slots attributes signals job score`.

    `escalate` and `offer` act when the condition holds. The other two are gates that delay an
    escalation once: `forbid` while the condition holds, `require` until it does.
    """

    id: Name
    when: str = Field(min_length=1, max_length=2000)
    then: Literal["escalate", "offer", "forbid", "require"]
    reason: Name | None = None
    queue: Name | None = None
    priority: Priority | None = None
    mode: Literal["on", "shadow"] = "on"
    jobs: list[Name] = Field(default_factory=list, description="only these; empty means every job")

    @field_validator("when", mode="before")
    @classmethod
    def _spelt(cls, value: object) -> object:
        """Read `when: true`, which YAML takes for more than words, as the condition it is."""
        return str(value).lower() if isinstance(value, bool) else value


class Job(Part):
    """What one job does differently."""

    signals: dict[str, SignalSettings] = Field(default_factory=dict)
    score: ScoreOverrides = Field(default_factory=ScoreOverrides)
    queue: Name | None = None


class Connect(Part):
    """How a voice runtime brings a human of this queue onto the line."""

    destination: str = Field(min_length=1, max_length=500, description="tel: or sip: address")
    mode: Literal["blind", "consult", "conference"] = "blind"
    headers: dict[Name, Name] = Field(default_factory=dict, description="SIP headers to add")
    caller_id: Name | None = Field(default=None, description="shown to the human")
    timeout: float = Field(default=30.0, gt=0, le=600, description="seconds to let it ring")
    on_failure: Literal["queue", "bot"] = Field(
        default="queue", description="keep the caller waiting in the queue, or go on with the bot"
    )


class Queue(Part):
    """Where escalations wait, and the connectors that carry them there."""

    description: str = Field(default="", max_length=500)
    connectors: list[Name] = Field(
        default_factory=list, description="empty: every configured one; the desk always has it"
    )
    fallback: list[Name] = Field(
        default_factory=list,
        description="connectors that are tried in this order where one of `connectors` fails",
    )
    priority: Priority | None = None
    capacity: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="escalations of one incident that it takes per window of `storm`; without it "
        "half of `incident_at`",
    )
    connect: Connect | None = None


class Routing(Part):
    """Which queue an escalation joins: the rule's, else the reason's, else the job's, else this."""

    default_queue: Name = "general"
    queues: dict[Name, Queue] = Field(default_factory=lambda: {"general": Queue()})
    by_reason: dict[str, Name] = Field(default_factory=dict)


class Storm(Part):
    """When many escalations for one cause are an incident, which is let in by queue capacity.

    Without this part of a policy nothing is ever limited.
    """

    window_s: float = Field(default=300.0, ge=10, le=86_400, allow_inf_nan=False)
    incident_at: int = Field(default=10, ge=2, le=100_000, description="of one cause in a window")
    above_usual: float = Field(
        default=3.0,
        ge=1.0,
        le=1000.0,
        allow_inf_nan=False,
        description="times what came of it per window in the twelve windows before",
    )
    names: dict[CauseKey, Words] = Field(
        default_factory=dict,
        description="cause to what customers are told has a problem (`tool:get_order: our orders`)",
    )

    def capacity(self, queue: Queue | None) -> int:
        """Return how many of one incident a queue takes per window."""
        told = queue.capacity if queue is not None else None
        return told or max(1, self.incident_at // 2)


Keep = Literal["keep", "mask"]


class Disclosed(Part):
    """What of a card goes to one destination; what is not named goes as it is stored."""

    email: Keep = "keep"
    phone: Keep = "keep"
    card: Keep = Field(default="keep", description="last digits of a card or account")
    fields: dict[Name, Keep] = Field(default_factory=dict, description="claim name to keep or mask")

    def rule(self) -> Destination:
        """Return it as the projection reads it."""
        fields = (label(name).casefold() for name, what in self.fields.items() if what == "mask")
        return Destination(_masked(self), frozenset(fields))


class RedactionPart(Part):
    """What is kept of personal data; secrets (cards, codes, passwords, …) never are."""

    email: Keep = Field(default="keep", description="before anything is stored")
    phone: Keep = Field(default="keep", description="before anything is stored")
    verifiers: Literal["hide", "show"] = Field(
        default="hide", description="values that identity was checked with, on the card"
    )
    reverify: bool = Field(default=False, description="the next step says to verify again")
    destinations: dict[Name, Disclosed] = Field(
        default_factory=dict, description="connector to what it gets less"
    )

    def rules(self) -> Redaction:
        """Return it as services and cards read it."""
        return Redaction(
            stored=_masked(self),
            show_verifiers=self.verifiers == "show",
            reverify=self.reverify,
            destinations={name: told.rule() for name, told in self.destinations.items()},
        )


def _masked(part: Part) -> frozenset[Personal]:
    return frozenset(kind for kind in Personal if getattr(part, kind.value, "keep") == "mask")


class LearnedModel(Part):
    """One learned score, as plain numbers (`detection.learned` says how they are read)."""

    reads: list[Literal["customer", "bot", "tool"]] = Field(
        default=["customer"], description="on whose turns it says something new"
    )
    bias: float = Field(default=0.0, allow_inf_nan=False)
    intercept: float = Field(default=0.0, allow_inf_nan=False, description="of the linear part")
    numbers: dict[str, Annotated[list[Finite], Field(min_length=3, max_length=3)]] = Field(
        default_factory=dict, description="name to mean, scale and weight of its log1p"
    )
    grams: str = Field(
        default="",
        max_length=400_000,
        description="`hash:now:fast:said`, the weights in thousandths",
    )
    linear_share: Share = Field(
        default=0.0, description="of the linear part, added to the trees where there are some"
    )
    tree_numbers: list[str] = Field(default_factory=list, max_length=1_000)
    trees: list[str] = Field(default_factory=list, max_length=500)


class Learned(Part):
    """What `handoff learn` found: a model for every job, and what it knows of how good they are."""

    label: str = Field(max_length=500, description="what was learned")
    trained: str = Field(max_length=40, description="the day")
    conversations: int = Field(ge=0)
    gained: str = Field(max_length=500, description="by grouped cross-validation")
    model: LearnedModel
    jobs: dict[Name, LearnedModel] = Field(default_factory=dict)


class Document(Part):
    """A whole policy file."""

    schema_: Literal["handoff-policy/1"] = Field(alias="schema")
    name: Name
    signals: dict[str, SignalSettings] = Field(default_factory=dict)
    score: Score = Field(default_factory=Score)
    rules: list[Rule] = Field(default_factory=list)
    jobs: dict[Name, Job] = Field(default_factory=dict)
    routing: Routing = Field(default_factory=Routing)
    learned: Learned | None = None
    storm: Storm | None = None
    redaction: RedactionPart | None = None

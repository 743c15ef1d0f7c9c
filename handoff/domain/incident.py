"""Many escalations for one cause: what it is, who is let in at once, who is held till when.

Pure arithmetic over a decision's evidence and over the slots that were given before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from handoff.domain.decision import Decision, Reason
from handoff.domain.extracts import clip
from handoff.domain.reasons import sentence

EXEMPT_REASONS: Final = frozenset(
    {
        "accessibility_or_special_needs",
        "deceased_account_holder",
        "formal_complaint",
        "fraud_or_security_concern",
        "legal_or_regulatory_matter",
        "safety_emergency",
        "supervisor_request_service_complaint",
    }
)
"""Reason codes of safety and of regulated matters: they wait for nothing, whatever else goes on."""

EXEMPT_SIGNALS: Final = frozenset({"vulnerable", "legal_or_complaint", "fraud_or_security"})
"""Evidence that has the same right, whatever it stands beside."""

ASKED_REASONS: Final = frozenset(
    {
        "customer_frustrated_demands_human",
        "customer_requests_human_no_specific_reason",
        "kb_search_unsuccessful_customer_requests_transfer",
        "request_completed_customer_wants_human_followup",
    }
)
"""Reason codes that say that the customer asked for a person: never limited."""

SAYING_NOTHING: Final = ASKED_REASONS | {
    "bot_requested",
    "none",
    "other",
    "policy",
    "returning_customer",
    "vip_customer",
}
"""Reason codes that do not say why: not the cause of anything."""

HUMAN_REQUEST: Final = "human_request"
ASKING: Final = frozenset({HUMAN_REQUEST, "bot_request"})
"""Evidence that somebody asks for a person: that is not why they need one."""

OF_THE_CUSTOMER: Final = frozenset({"returning_customer", "vip_or_entitlement"})
"""Evidence of who the customer is: that is nothing that goes wrong for many."""

FAILING: Final = frozenset({"tool_failure", "tool_loop"})
"""Evidence that a tool fails: which one is on the turns that it cites."""

NAMED = 100
"""Characters of a tool's or a job's name that tell causes apart."""
USUAL_WINDOWS = 12
"""Windows before the present one that say how many of a cause are usual."""
CALM = 3
"""An incident is over when fewer than one in so many of what opens one came within a window."""

ToolAt = Callable[[int], str | None]
"""Index of a turn to the tool that was called on it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What an escalation is for, as a key that is the same for every one of its kind."""

    key: str
    """`tool:NAME`, `rule:ID`, `signal:NAME:JOB` (`-` without a job) or `reason:CODE`."""
    limited: bool
    """False where the customer asked for a person: it is counted, and never held."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A cause for which many escalations came. One is open per tenant and cause at most."""

    tenant: str
    incident_id: str
    cause: str
    queue: str
    """Where its first escalation was to go."""
    title: str
    opened_at: datetime
    last_at: datetime
    """When the latest escalation of it came."""
    due_at: datetime | None
    """When to look whether it is over; None once it is closed."""
    closed_at: datetime | None = None
    escalations: int = 0
    held: int = 0
    """Those that were not let into the queue at once."""

    def evolve(self, **changes: object) -> Self:
        """Return a copy with `changes`."""
        return replace(self, **changes)  # type: ignore[arg-type] # typed by the fields


@dataclass(frozen=True, slots=True)
class Limits:
    """When an incident opens, in the policy's numbers."""

    window: timedelta
    incident_at: int
    above_usual: float

    @property
    def calm(self) -> int:
        """Return how many within a window keep an incident open."""
        return -(-self.incident_at // CALM)


def exempt(decision: Decision) -> bool:
    """Tell whether an escalation is about safety or a regulated matter: it is never limited."""
    return decision.reason_code in EXEMPT_REASONS or any(
        reason.signal in EXEMPT_SIGNALS for reason in decision.reasons
    )


def asked_for(decision: Decision) -> bool:
    """Tell whether the customer asked for a person in words."""
    return decision.reason_code in ASKED_REASONS or any(
        reason.signal == HUMAN_REQUEST for reason in decision.reasons
    )


def cause_of(decision: Decision, job: str | None, tool_at: ToolAt) -> Cause | None:
    """Return what an escalation is for; None where that is nothing that others could share.

    A failing tool among the evidence is the cause, not what else follows from it; else, unless the
    customer asked for a person, the strongest evidence, or the reason code if that says why.
    """
    if exempt(decision):
        return None
    asked, tool = asked_for(decision), _tool(decision.reasons, tool_at)
    key = tool if tool is not None or asked else _evidence(decision, job)
    return None if key is None else Cause(key, limited=not asked)


def _tool(reasons: Sequence[Reason], tool_at: ToolAt) -> str | None:
    cited = (turn for reason in reasons if reason.signal in FAILING for turn in reason.turns[::-1])
    name = next((name for turn in cited if (name := tool_at(turn))), None)
    return None if name is None else f"tool:{_plain(name)}"


def _evidence(decision: Decision, job: str | None) -> str | None:
    for reason in decision.reasons:
        if reason.rule is not None and reason.signal == reason.rule:
            return f"rule:{_plain(reason.rule)}"
        if reason.signal not in ASKING | OF_THE_CUSTOMER:
            return f"signal:{reason.signal}:{_plain(job) if job else '-'}"
    code = decision.reason_code
    return None if code is None or code in SAYING_NOTHING else f"reason:{code}"


def _plain(name: str) -> str:
    """Return a name that somebody else gave as a part of a key: one line, and bounded."""
    return clip(" ".join(name.split()), NAMED)


def title(cause: str) -> str:
    """Return a cause as a clause that follows `because`."""
    kind, _, name = cause.partition(":")
    if kind == "tool":
        return f"{name} fails"
    if kind == "rule":
        return f"the rule {name} applies"
    if kind == "signal":
        signal, _, job = name.partition(":")
        about = "" if job == "-" else f" in {job.replace('_', ' ')}"
        return f"of {signal.replace('_', ' ')}{about}"
    return f"of “{sentence(name).rstrip('.')}”"


def breaks_out(came: int, usually: int, limits: Limits) -> bool:
    """Tell whether `came` within a window, this one among them, are an incident.

    `usually` came in the USUAL_WINDOWS before: what goes on all day is work, not an incident.
    """
    return came >= limits.incident_at and came * USUAL_WINDOWS >= usually * limits.above_usual


def slot(taken: Sequence[datetime], capacity: int, window: timedelta, at: datetime) -> datetime:
    """Return when an escalation that comes now may be in the queue: `at`, or later.

    `taken` are the slots given before, the latest first, `capacity` of them if there are so many.
    No window of that length then holds more than `capacity`, and those held come one by one.
    """
    full = len(taken) >= capacity
    earliest = max(at, taken[capacity - 1] + window) if full else at
    if earliest == at and not (taken and taken[0] > at):
        return at
    return max(earliest, taken[0] + window / capacity)

"""Replay what a tenant's service really heard with another policy, bounded, beside the turns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, sleep

from handoff.detection import Policy
from handoff.detection.replay import decisions, first_escalation
from handoff.domain.errors import Overloaded
from handoff.domain.ports import Transaction
from handoff.domain.turn import Conversation
from handoff.services.deps import Deps
from handoff.services.replaying import Comparison
from handoff.services.views import View

MOST = 2_000
"""Conversations of one replay."""
SECONDS = 20.0
"""Past this it stops, and says what it left out."""
REST = 0.001
"""Seconds of rest after each conversation: turns that arrive meanwhile come first."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which conversations: those that began in the window, the newest first, `limit` at most."""

    since: datetime | None = None
    until: datetime | None = None
    limit: int = MOST


def replay_history(
    deps: Deps,
    tenant: str,
    policy: Policy,
    span: Span,
    *,
    now: Callable[[], float] = monotonic,
) -> View:
    """Return what `policy` would have done beside the one in force, and what was left out.

    Raises Overloaded while another replay runs. For a thread of its own: it takes seconds.
    """
    if not deps.replaying.acquire(blocking=False):
        raise Overloaded("another replay is running: try again when it is done")
    try:
        return _replayed(deps, tenant, policy, span, now)
    finally:
        deps.replaying.release()


def _replayed(
    deps: Deps, tenant: str, policy: Policy, span: Span, now: Callable[[], float]
) -> View:
    began = now()
    new, old = deps.detectors.watching(policy), deps.detectors.of(tenant)
    total, ids = deps.store.read(
        tenant, lambda tx: tx.reports.started(span.since, span.until, min(span.limit, MOST))
    )
    compared = Comparison()
    for conversation_id in ids:
        if now() - began >= SECONDS:
            break
        conversation = _read(deps, tenant, conversation_id)
        if conversation is not None:
            made = (first_escalation(decisions(each, conversation)) for each in (new, old))
            compared.add(conversation, *made)
        sleep(REST)
    out_of_time = compared.conversations < len(ids)
    left_out = total - compared.conversations
    because = ("time" if out_of_time else "limit") if left_out else None
    return {
        "policy": policy.label,
        "against": old.policy.label,
        **compared.view(),
        "left_out": {"conversations": left_out, "because": because},
    }


def _read(deps: Deps, tenant: str, conversation_id: str) -> Conversation | None:
    """Return a conversation as the detector met it: what the bot said too late is not in it."""

    def work(tx: Transaction) -> Conversation | None:
        head = tx.conversations.head(conversation_id)
        stored = tx.conversations.turns(conversation_id)
        watched = tuple(each.turn for each in stored if not each.after_handoff)
        return None if head is None else head.conversation(watched)

    return deps.store.read(tenant, work)

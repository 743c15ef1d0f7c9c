"""Choose the queue of an escalation, and the connectors that carry it there."""

from dataclasses import dataclass

from handoff.detection.document import Queue
from handoff.domain.connector import of_incidents
from handoff.services.deps import Deps
from handoff.services.moving import DESK

DEFAULT_PRIORITY = 3
PRIORITIES = (1, 5)


@dataclass(frozen=True, slots=True)
class Routed:
    """Where an escalation goes. `priority` is 1, the most urgent, to 5."""

    queue: str
    priority: int
    connectors: tuple[str, ...]


def queues(deps: Deps, tenant: str) -> dict[str, Queue]:
    """Return the queues of the tenant's policy by name."""
    return deps.detectors.of(tenant).policy.routing.queues


def route(
    deps: Deps,
    tenant: str,
    hint: str | None,
    *,
    reason_code: str | None = None,
    job: str | None = None,
    priority: int | None = None,
) -> Routed:
    """Return where to: the hint if there is such a queue, else by reason, by job, by default.

    A queue that names no connectors is carried by every configured one but those it falls back
    on and those of incidents; the desk always has it, and registered webhooks hear what they asked
    for, but those it falls back on: they wait until they are needed.
    """
    policy = deps.detectors.of(tenant).policy
    queues = policy.routing.queues
    name = policy.queue(reason_code or "", job, hint if hint in queues else None)
    queue = queues[name]
    there = deps.configured_for(tenant)
    usual = (name for name, one in there.items() if not of_incidents(one))
    named = queue.connectors or [name for name in usual if name not in queue.fallback]
    known, hearing = deps.connectors_for(tenant), deps.webhooks.hearing(tenant, name)
    heard = (one for one in hearing if one not in queue.fallback)
    carried = tuple(c for c in dict.fromkeys((DESK, *named, *heard)) if c in known)
    low, high = PRIORITIES
    urgency = priority or queue.priority or DEFAULT_PRIORITY
    return Routed(name, min(max(urgency, low), high), carried)

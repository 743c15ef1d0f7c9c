"""JSON over HTTP under /v1: one file per resource."""

from handoff.api import (
    audit,
    callbacks,
    conversations,
    deliveries,
    escalations,
    events,
    health,
    incidents,
    moves,
    pointers,
    policies,
    queues,
    ratings,
    reference,
    reports,
    webhooks,
)

ROUTERS = (
    conversations.router,
    escalations.router,
    moves.router,
    pointers.router,
    ratings.router,
    queues.router,
    incidents.router,
    events.router,
    deliveries.router,
    webhooks.router,
    audit.router,
    reports.router,
    policies.router,
    callbacks.router,
    reference.router,
    health.router,
)
"""In the order of the API's description; the turn route stands beside them."""

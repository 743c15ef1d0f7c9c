"""Pages for the people who take over and for those who watch how well that goes."""

from handoff.web import (
    deliveries,
    desk,
    doing,
    escalation,
    login,
    policies,
    replays,
    reports,
    restarts,
    shadow,
    static,
    stories,
    transfers,
)

ROUTERS = (
    login.router,
    desk.router,
    escalation.router,
    doing.router,
    transfers.router,
    deliveries.router,
    stories.router,
    reports.router,
    restarts.router,
    shadow.router,
    policies.router,
    replays.router,
    static.router,
)
"""What the application includes."""

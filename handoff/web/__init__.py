"""Pages for the people who take over and for those who watch how well that goes."""

from handoff.web import (
    desk,
    doing,
    escalation,
    login,
    reports,
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
    stories.router,
    reports.router,
    static.router,
)
"""What the application includes."""

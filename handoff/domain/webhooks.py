"""Webhooks that tenants register by the API: where to post, what they hear, whose secrets sign."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from handoff.domain.records import Listed, Page

PREFIX = "wh_"
"""How the ids begin; a webhook's id is its connector's name too."""
MOST = 50
"""Of one tenant."""
OVERLAP = timedelta(hours=24)
"""How long the secret before goes on to sign, unless another time is asked for."""


def is_registered(connector: str) -> bool:
    """Tell whether a connector's name is the id of a registered webhook."""
    return connector.startswith(PREFIX)


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """One registered webhook. What it hears: escalations of its queues, of all where none is."""

    webhook_id: str
    url: str
    description: str
    queues: tuple[str, ...]
    secret: str
    """As `SecretBox` closed it, like the one before."""
    secret_before: str | None
    before_until: datetime | None
    """Until when the secret before signs too, and is taken."""
    rotated_at: datetime
    """Since when the secret is the present one."""
    created_at: datetime
    created_by: str

    def before(self, at: datetime) -> str | None:
        """Return the secret before, closed, while it is still to sign."""
        due = self.before_until is not None and at < self.before_until
        return self.secret_before if due else None

    def rotated(self, secret: str, overlap: timedelta, at: datetime) -> "StoredWebhook":
        """Return it with a new secret, closed; the present one signs beside it for `overlap`."""
        before, until = (self.secret, at + overlap) if overlap else (None, None)
        return replace(self, secret=secret, secret_before=before, before_until=until, rotated_at=at)


class StoredWebhooks(Protocol):
    """One tenant's webhooks."""

    def add(self, webhook: StoredWebhook) -> None: ...
    def get(self, webhook_id: str) -> StoredWebhook | None: ...
    def list(self, page: Page) -> Listed[StoredWebhook]:
        """Return webhooks, the one registered last first."""

    def count(self) -> int: ...
    def save(self, webhook: StoredWebhook) -> None:
        """Write it over what is stored under its id."""

    def remove(self, webhook_id: str) -> None: ...

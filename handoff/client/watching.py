"""What a client may look at: queues, events, deliveries, the audit trail, reports, tools."""

from collections.abc import Iterator
from datetime import datetime

from handoff.client.answers import Delivery, Event, Json, Replay
from handoff.client.feed import follow
from handoff.client.sending import Sender
from handoff.client.wire import given, pages, path, read, read_items

REPLAY_S = 60.0
"""Seconds to wait for a replay: the service itself stops after 20."""


class Watching:
    """The half of a client that changes nothing."""

    _sender: Sender

    def queues(self) -> list[Json]:
        """Return the queues and how many wait in each."""
        return read_items(self._sender.get(path("queues")))

    def events(self, after: int | None = None) -> Iterator[Event]:
        """Yield what changes, without end, over every interruption; see `feed.follow`."""
        return follow(self._sender, path("events"), after)

    def deliveries(self, **where: str | None) -> Iterator[Delivery]:
        """Yield the deliveries with a state or connector."""
        return map(Delivery.model_validate, pages(self._sender, path("deliveries"), where))

    def audit(self) -> Iterator[Json]:
        """Yield the tenant's audit entries, oldest first, as they are hashed."""
        return pages(self._sender, path("audit"), {})

    def report(self, name: str = "transfers", **period: str | None) -> list[Json]:
        """Return the rows of a report."""
        return read_items(self._sender.get(path("reports", name), period))

    def replay_policy(
        self,
        version: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Replay:
        """Return what a stored policy would have done on conversations that began in a window."""
        began = {"since": since.isoformat() if since else None}
        body = given(**began, until=until.isoformat() if until else None, limit=limit)
        where = path("policies", version, "replay")
        return read(Replay, self._sender.post(where, body, keyed=False, seconds=REPLAY_S))

    def tools(self) -> list[Json]:
        """Return the tools a bot's model may call to get a person, as function schemas."""
        return read_items(self._sender.get(path("tools")))

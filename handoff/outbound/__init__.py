"""The one guarded way out of the service: checked addresses, a total deadline, bounded answers."""

from handoff.outbound.client import GuardedClient, Reply

__all__ = ["GuardedClient", "Reply"]

"""The connectors of registered webhooks by tenant: looked up in a dict, renewed off the way."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from pydantic import JsonValue

from handoff.domain.connector import Callback, Connector, Moves, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError, HandoffError, Invalid, Unauthenticated
from handoff.domain.ports import Store
from handoff.domain.webhooks import StoredWebhook

if TYPE_CHECKING:
    from handoff.domain.secret_box import SecretBox

log = logging.getLogger("handoff.webhooks")
Make = Callable[[str, Mapping[str, JsonValue]], Connector]
"""Name and settings, secrets in clear, to a webhook's connector; raises Invalid."""
Known = tuple[StoredWebhook, bool]
"""What a connector was made from: the webhook, and whether the secret before signs too."""


@dataclass(frozen=True, slots=True)
class Made:
    """A webhook of a tenant, and its connector."""

    tenant: str
    known: Known
    connector: Connector

    def hears(self, queue: str) -> bool:
        """Tell whether escalations to a queue are told to it."""
        queues = self.known[0].queues
        return not queues or queue in queues


@dataclass(slots=True)
class Locked:
    """The connector of a webhook whose secret this process cannot read; another one may."""

    why: str
    moves: frozenset[Moves] = frozenset({Moves.WORK_ITEM})

    def deliver(self, parcel: Parcel) -> Receipt:  # noqa: ARG002 # the port's argument
        """Raise ConnectorError: nothing goes out unsigned."""
        raise ConnectorError(self.why)

    def look_up(self, parcel: Parcel) -> Receipt | None:  # noqa: ARG002 # the port's argument
        """Raise ConnectorError: a webhook's receiver has no way to be asked."""
        raise ConnectorError(self.why, unknown=True, retryable=False)

    def try_out(self, message_id: str, at: datetime) -> Receipt:  # noqa: ARG002 # the port's arguments
        """Raise ConnectorError, as `deliver` does."""
        raise ConnectorError(self.why)

    def understand(self, callback: Callback) -> tuple[Said, ...]:  # noqa: ARG002 # the port's argument
        """Raise Unauthenticated: nothing can be verified. Whose fault it is is no stranger's."""
        raise Unauthenticated("the webhook's secret cannot be read just now")


class Registered:
    """Tenant to webhooks. Asking is a look into a dict; `refresh` reads the database."""

    def __init__(
        self,
        store: Store,
        box: "Callable[[], SecretBox]",
        make: Make,
        clock: Callable[[], datetime],
        judge: Callable[[str], None],
    ) -> None:
        """Begin with none. `judge` raises ConnectorError for a URL that must not be called.

        `box` is made with the first secret.
        """
        self._make_box = box
        self.judge = judge
        self._store = store
        self._make = make
        self._clock = clock
        self._made: dict[str, Made] = {}
        self._of: dict[str, dict[str, Made]] = {}
        self._lock = Lock()

    @cached_property
    def box(self) -> "SecretBox":
        """Return what closes and opens secrets."""
        return self._make_box()

    def of(self, tenant: str) -> dict[str, Connector]:
        """Return a tenant's webhooks by id; never waits."""
        mine = self._of.get(tenant, {})
        return {name: made.connector for name, made in mine.items()}

    def hearing(self, tenant: str, queue: str) -> list[str]:
        """Return the ids of those that escalations to a queue are told to."""
        return [name for name, made in self._of.get(tenant, {}).items() if made.hears(queue)]

    def tenant_of(self, webhook_id: str) -> str | None:
        """Return whose a webhook is, None where there is none."""
        made = self._made.get(webhook_id)
        return made.tenant if made else None

    def refresh(self) -> None:
        """Take over what is registered, by this process or another, in one step."""
        with self._lock:
            at = self._clock()
            there = self._store.read_any(lambda work: work.webhooks())
            made = {one.webhook_id: self._renewed(tenant, one, at) for tenant, one in there}
            of: dict[str, dict[str, Made]] = {}
            for webhook_id, one in made.items():
                of.setdefault(one.tenant, {})[webhook_id] = one
            self._made, self._of = made, of

    def follow(self) -> None:
        """Take over what was just written; where it cannot be read now, the next look does."""
        try:
            self.refresh()
        except HandoffError as error:
            log.warning("what is registered will be read later: %s", error.code)

    def _renewed(self, tenant: str, webhook: StoredWebhook, at: datetime) -> Made:
        """Return the connector that is there, a new one where something changed."""
        before = webhook.before(at)
        seen = self._made.get(webhook.webhook_id)
        known = webhook, before is not None
        if seen is not None and seen.known == known:
            return seen
        try:
            settings: dict[str, JsonValue] = {
                "url": webhook.url,
                "secret": self.box.open(webhook.secret),
                "secret_before": self.box.open(before) if before else None,
            }
            connector = self._make(webhook.webhook_id, settings)
        except Invalid as error:
            log.error("webhook %s of %s: %s", webhook.webhook_id, tenant, error.message)  # noqa: TRY400 # a trace says no more
            return Made(tenant, known, Locked(error.message))
        return Made(tenant, known, connector)

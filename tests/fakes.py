"""The composition of bootstrap with a clock that stands still and a connector that only counts."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from handoff.detection import Policy
from handoff.detection.policy import default_text
from handoff.domain.connector import Callback, Connector, Moves, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.ports import Store
from handoff.domain.secret_box import SecretBox
from handoff.domain.webhooks import StoredWebhook
from handoff.services.deps import Deps
from handoff.services.detectors import Detectors, Written
from handoff.services.registered import Registered

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that moves only when told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at

    def forward(self, seconds: float) -> None:
        """Move on."""
        self.at += timedelta(seconds=seconds)


@dataclass
class Recorder:
    """A connector that keeps what it was given; `errors` are raised first, one a call."""

    moves: frozenset[Moves] = frozenset({Moves.WORK_ITEM})
    parcels: list[Parcel] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    known: dict[str, Receipt] = field(default_factory=dict)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Keep the parcel."""
        self.parcels.append(parcel)
        if self.errors:
            raise self.errors.pop(0)
        receipt = Receipt(f"rec-{len(self.known) + 1}")
        return self.known.setdefault(parcel.delivery_id, receipt)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Return the receipt of a parcel that arrived."""
        return self.known.get(parcel.delivery_id)

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Understand nothing."""
        return ()


def numbered_ids() -> Callable[[str], str]:
    """Return an id maker that counts: esc_0001, dlv_0002, …"""
    numbers = itertools.count(1)
    return lambda prefix: f"{prefix}_{next(numbers):04d}"


def webhook(name: str, box: SecretBox, at: datetime, *queues: str) -> StoredWebhook:
    """Return a webhook to register, with a new secret."""
    url = "https://crm.example/hook"
    return StoredWebhook(name, url, "", queues, box.new(), None, None, at, at, "ann")


def webhooks(store: Store, clock: Callable[[], datetime]) -> Registered:
    """Return a registry whose webhooks are recorders, and that allows every URL."""
    box = SecretBox(b"a key of the tests")
    return Registered(
        store, lambda: box, lambda _name, _settings: Recorder(), clock, lambda _url: None
    )


def deps(store: Store, clock: Clock | None = None, **connectors: Connector) -> Deps:
    """Return a composition over `store` with the desk and the given connectors."""
    return Deps(
        store=store,
        clock=clock or Clock(),
        new_id=numbered_ids(),
        detectors=Detectors(store, Written(Policy.default(), default_text())),
        connectors={"desk": Recorder(), **connectors},
        webhooks=webhooks(store, clock or Clock()),
        wake=lambda: None,
        chance=lambda: 0.5,
        later=lambda _key, work: work(),
    )

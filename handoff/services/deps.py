"""What the services are given: ports, the detectors, and the few numbers they work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from handoff.domain.connector import Connector
from handoff.domain.escalation import State
from handoff.domain.ports import Store
from handoff.domain.summary import Summarizer
from handoff.domain.trace import Tracer, Untraced
from handoff.domain.webhooks import is_registered
from handoff.services.counts import Counts
from handoff.services.detectors import Detectors
from handoff.services.outside import Outside
from handoff.services.registered import Registered


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds until a state's timer is due."""

    check: float = 60.0
    reservation: float = 120.0
    connect: float = 60.0
    lease: float = 900.0
    wrap_up: float = 600.0
    grace: float = 900.0
    contact: float = 86_400.0

    def of(self, state: State) -> float | None:
        """Return the seconds for a state; None for closed, which waits for nothing."""
        return {
            State.QUEUED: self.check,
            State.RESERVED: self.reservation,
            State.CONNECTING: self.connect,
            State.ACTIVE: self.lease,
            State.WRAPPING: self.wrap_up,
            State.DEFERRED: self.contact,
            State.ABANDONED: self.grace,
        }.get(state)


@dataclass(frozen=True, slots=True)
class Stories:
    """When a summarizer is asked for a conversation's story, and how often at most."""

    every: int = 0
    """Turns after which the story is written anew while the bot still speaks; 0: on opening."""
    behind: int = 4
    """Turns that a waiting human's card may be ahead of its story."""
    calls_per_hour: int = 500
    tokens_per_day: int = 1_000_000
    """Of each tenant."""
    lease: float = 60.0
    """Seconds after which a story that was begun and not ended is begun anew."""


@dataclass(frozen=True, slots=True)
class Deps:
    """The composition that bootstrap makes; tests make the same one with fakes."""

    store: Store
    clock: Callable[[], datetime]
    new_id: Callable[[str], str]
    """A new time-ordered id with a prefix: `new_id("esc")`."""
    detectors: Detectors
    """The detector of each tenant, by the policy in force."""
    connectors: Mapping[str, Connector]
    """Configured name to connector; `desk` is always there."""
    webhooks: Registered
    """What tenants registered by the API, beside what is configured."""
    wake: Callable[[], None]
    """Called inside a transaction: once that is committed, the engine looks for what is due."""
    chance: Callable[[], float]
    """A number in [0, 1), for jitter."""
    later: Callable[[str, Callable[[], object]], None]
    """Run work soon, off the hot path; losing it in a crash must cost nothing but time.

    Work under a key that is waiting already is dropped.
    """
    at_point: Callable[[str], None] = lambda _name: None
    """Called at the named points of `handoff.services.points`; tests end the process there."""
    timings: Timings = field(default_factory=Timings)
    hash_key: bytes = b""
    """The key of the hashes by which repeats are told."""
    base_url: str = "http://127.0.0.1:8080"
    pointer_key: bytes | None = None
    """Signs the pointers to cards that telephone calls carry; without it there are none."""
    replaying: Lock = field(default_factory=Lock)
    """Held while a policy is replayed over the history: one at a time leaves time for turns."""
    outside: Outside = field(default_factory=Outside)
    storms: bool = True
    """Whether escalations of one incident are held, where the policy says so."""
    summarizer: Summarizer | None = None
    """Writes stories for cards; without one a card has only what it says itself."""
    stories: Stories = field(default_factory=Stories)
    tracer: Tracer = field(default_factory=Untraced)
    counts: Counts = field(default_factory=Counts)
    dispositions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Queue to its allowed disposition codes; a queue that is absent takes any."""
    belongs: Mapping[str, str] = field(default_factory=dict)
    """Connector to the one tenant that has it; one that is absent serves all."""

    def configured_for(self, tenant: str) -> dict[str, Connector]:
        """Return a tenant's configured connectors by name, in the order of the settings."""
        return {
            name: connector
            for name, connector in self.connectors.items()
            if self.belongs.get(name, tenant) == tenant
        }

    def connectors_for(self, tenant: str) -> dict[str, Connector]:
        """Return a tenant's connectors by name: what is configured, then what it registered."""
        return self.configured_for(tenant) | self.webhooks.of(tenant)

    def connector(self, tenant: str, name: str) -> Connector | None:
        """Return one of them; looks into the database for what another process just registered."""
        found = self.connectors_for(tenant).get(name)
        if found is None and is_registered(name):
            self.webhooks.refresh()
            found = self.webhooks.of(tenant).get(name)
        return found

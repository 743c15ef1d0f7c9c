"""Which engine works where: in the service itself, or in workers that Redis wakes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from handoff.domain.delivery import Delivery
from handoff.domain.errors import Invalid
from handoff.domain.records import Due
from handoff.domain.skew import Skew
from handoff.jobs.crew import Crew
from handoff.jobs.engine import Engine, Pace
from handoff.jobs.loop import report
from handoff.jobs.port import Jobs, News, Seen, Silence, resolve
from handoff.services.auditor import audit_due
from handoff.services.deliver import deliver
from handoff.services.deps import Deps
from handoff.services.retention import keep_house
from handoff.services.summarise import summarise_due
from handoff.services.timers import fire_timer
from handoff.settings import Settings

HOUSE_S = 86_400.0
"""Seconds between two looks at what is old: at the start, and then once a day."""
HOUSE_AGAIN_S = 300.0
"""Seconds until it is tried again where it failed."""
PATIENCE_S = 1.0
"""Seconds that a stop waits for a story: it is begun anew at the next start."""


class Beside(Protocol):
    """What a worker has beside its engine: the ear for hints, and its own voice."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def trouble(self) -> str: ...


@dataclass
class Here:
    """The engine in this process: deliveries, timers, stories, and the look for what is stuck."""

    engine: Engine
    writers: Crew
    auditor: Crew
    keeper: Crew
    beside: list[Beside] = field(default_factory=list)
    """What starts before it and stops with it."""

    def start(self) -> None:
        """Begin."""
        for jobs in self.beside:
            jobs.start()
        self.engine.start()
        self.writers.start()
        self.auditor.start()
        self.keeper.start()

    def stop(self) -> None:
        """Claim nothing more, finish what runs within a bound, give the rest back."""
        for jobs in self.beside:
            jobs.stop()
        self.writers.stop(PATIENCE_S)
        self.auditor.stop(PATIENCE_S)
        self.keeper.stop(PATIENCE_S)
        self.engine.stop()

    def wake(self) -> None:
        """Look for what is due now."""
        self.engine.wake()
        self.writers.wake()

    def trouble(self) -> str:
        """Return what is wrong beside it, empty if nothing is."""
        return next(filter(None, (jobs.trouble() for jobs in self.beside)), "")


def of_service(settings: Settings, deps: Deps, ring: Callable[[], None]) -> Jobs:
    """Return the service's engine: its own, or what tells the workers."""
    url = redis_url(settings)
    if url is None:
        return Here(
            _engine(settings, deps, ring),
            _writers(settings, deps),
            _auditor(settings, deps),
            _keeper(settings, deps),
        )
    hints: Jobs = resolve("hints")(url)
    return hints


def of_worker(settings: Settings, deps: Deps, ring: Callable[[], None]) -> Jobs:
    """Return a worker's engine, which looks at the database when it is told, and by itself.

    Raises Invalid where there are no workers by the settings.
    """
    url = redis_url(settings)
    if url is None:
        raise Invalid(
            "workers need Redis: HANDOFF_REDIS_URL is not set, or the engine is embedded; "
            "so `handoff serve` delivers by itself"
        )
    if settings.in_memory:
        raise Invalid("a database in memory is one process's own: no worker can see it")
    hints: Jobs = resolve("hints")(url)
    engine = _engine(settings, deps, ring, full=hints.wake)
    crews = _writers(settings, deps), _auditor(settings, deps), _keeper(settings, deps)
    here = Here(engine, *crews, [hints])
    here.beside.append(resolve("listener")(url, engine.attend, here.wake))
    return here


def news_of(settings: Settings, hear: Callable[[], None]) -> News:
    """Return what tells other processes of changes and hears of theirs; silent without Redis."""
    url = redis_url(settings)
    if url is None:
        return Silence()
    news: News = resolve("news")(url, hear)
    return news


def redis_url(settings: Settings) -> str | None:
    """Return where Redis is; None where the engine is in the service itself."""
    if settings.redis_url is None or settings.engine == "embedded":
        return None
    return settings.redis_url.get_secret_value()


def look_at_redis(settings: Settings) -> Seen:
    """Return what Redis is like, what is wrong with it, and what would be better."""
    url = redis_url(settings)
    if url is None:
        return Seen("none: the service delivers by itself")
    seen: Seen = resolve("describe")(url)
    return seen


def skew_at_redis(settings: Settings, clock: Callable[[], datetime]) -> Skew | None:
    """Return how far Redis' clock is ahead of `clock`; None without Redis, or an answer."""
    url = redis_url(settings)
    if url is None:
        return None
    found: Skew | None = resolve("skew")(url, clock)
    return found


def _engine(
    settings: Settings,
    deps: Deps,
    ring: Callable[[], None],
    full: Callable[[], None] = lambda: None,
) -> Engine:
    def send(delivery: Delivery) -> None:
        deliver(deps, delivery)
        ring()

    def fire(due: Due) -> None:
        fire_timer(deps, due)
        ring()

    return Engine(
        deps.store,
        deliver=send,
        fire_timer=fire,
        clock=deps.clock,
        new_token=lambda: secrets.token_hex(8),
        pace=Pace(settings.threads, lease=timedelta(seconds=settings.delivery_lease_s)),
        full=full,
    )


def _writers(settings: Settings, deps: Deps) -> Crew:
    size = settings.llm_at_once if deps.summarizer else 0
    return Crew("stories", size, partial(summarise_due, deps))


def _keeper(settings: Settings, deps: Deps) -> Crew:
    """Return what makes room for the months to come and lets go of what is old."""

    def keep() -> float | None:
        try:
            keep_house(deps.store, settings.retention, deps.clock())
        except Exception as error:  # noqa: BLE001 # the edge of a job: a table is busy, or not ours
            report("what is old was not let go", error)
            return HOUSE_AGAIN_S
        return HOUSE_S

    return Crew("house", 1, keep, sweep=HOUSE_S)


def _auditor(settings: Settings, deps: Deps) -> Crew:
    """Return what looks for stuck escalations; it first leaves time for what was waiting."""
    first = deps.clock() + timedelta(seconds=settings.audit_s)

    def look() -> float | None:
        if deps.clock() >= first:
            audit_due(deps, settings.audit_s)
        return settings.audit_s

    return Crew("auditor", 1, look, sweep=settings.audit_s)

"""Put everything together: settings in, a service out; the only file that names adapters."""

import random
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock

from fastapi import FastAPI
from pydantic import ValidationError
from pydantic_settings import SettingsError

from handoff.api.feed import Bell
from handoff.app import Surroundings, create_app
from handoff.domain.connector import Connector
from handoff.domain.errors import Invalid
from handoff.domain.skew import Skew
from handoff.domain.summary import Summarizer
from handoff.domain.text import no_sense
from handoff.endpoints import (
    Endpoint,
    connectors_of,
    endpoint_paths,
    endpoints_of,
    webhook_maker,
)
from handoff.engines import look_at_redis, news_of, of_service, skew_at_redis
from handoff.jobs.later import Later
from handoff.jobs.loop import Loop
from handoff.jobs.memory import GivesBack
from handoff.jobs.port import Jobs, News, Seen
from handoff.jobs.waker import Waker
from handoff.outbound import GuardedClient
from handoff.services.counts import Counts
from handoff.services.deps import Deps
from handoff.services.detectors import Detectors
from handoff.services.points import killer
from handoff.services.registered import Registered
from handoff.settings import Settings
from handoff.store import (
    SqlStore,
    active_policy,
    describe,
    migrate,
    open_store,
    pending,
    skew_of,
)
from handoff.terms import (
    hash_key_of,
    pointer_key_of,
    policy_of,
    secret_box,
    stories_of,
    summarizer_of,
    timings_of,
    tracer_of,
    written_of,
)
from handoff.variables import mistakes, not_json, unknown_variables

__all__ = [
    "TENANT",
    "Seen",
    "Service",
    "Settings",
    "build",
    "clocks_apart",
    "connected",
    "describe_store",
    "endpoint_paths",
    "load_settings",
    "look_at_redis",
    "migrate",
    "opened",
    "pending",
    "policy_in_force",
    "policy_of",
    "summarizer_of",
    "unknown_variables",
]

TENANT = "default"
"""The one tenant of the embedded default."""
RENEWED_S = 3.0
"""Seconds until what another process put in force or registered is so here too."""
CLOCK_S = 10.0
"""Seconds between two looks at the database's clock."""
MEMORY_S = 5.0
"""Seconds between two looks at whether a crowd has left."""
Clock = Callable[[], datetime]
MakeEngine = Callable[[Settings, Deps, Callable[[], None]], Jobs]


@dataclass(frozen=True, slots=True)
class Service:
    """A service put together. Its app's lifespan starts and stops it; without the app, you do."""

    settings: Settings
    deps: Deps
    app: FastAPI
    start: Callable[[], None]
    """Compile what turns will need, begin delivering and watching timers."""
    stop: Callable[[], None]
    """Finish what runs, and close the database and the connections outwards."""
    leave: Callable[[], None]
    """End the open feeds, so that the server need not wait for their readers."""


def load_settings(**told: object) -> Settings:
    """Return the settings of the environment, with those `told` over them; raise Invalid."""
    given = {name: value for name, value in told.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type] # checked by pydantic
    except SettingsError as error:
        raise Invalid(not_json(error)) from None
    except ValidationError as error:
        raise Invalid(mistakes(error)) from None


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    connectors: Mapping[str, Connector] | None = None,
    summarizer: Summarizer | None = None,
    engine: MakeEngine = of_service,
) -> Service:
    """Return the service that the settings describe; tests bring what is outside of it."""
    at_point = killer(settings.killpoint)
    ends = endpoints_of(settings.connectors_file)
    bell, waker, counts = Bell(), Waker(), Counts()
    _make(settings.data_dir)
    doors = ExitStack()
    outbound = doors.enter_context(closing(GuardedClient(allow_loopback=settings.allow_loopback)))
    later = Later()
    store = open_store(
        settings.database, on_commit=waker.committed, on_batch=counts.batch, at_point=at_point
    )
    now = clock or store.clock or machine_time
    detectors = Detectors(store, written_of(settings), None if settings.semantic else no_sense)
    detectors.refresh()
    deps = Deps(
        store=store,
        clock=now,
        new_id=ids(now),
        detectors=detectors,
        connectors=connectors_of(settings, ends, outbound) if connectors is None else connectors,
        webhooks=_webhooks(settings, store, now, outbound),
        wake=waker.want,
        chance=random.SystemRandom().random,
        later=later,
        at_point=at_point,
        timings=timings_of(settings),
        hash_key=hash_key_of(settings),
        base_url=settings.address,
        pointer_key=pointer_key_of(settings),
        storms=settings.storms,
        summarizer=summarizer or doors.enter_context(summarizer_of(settings)),
        stories=stories_of(settings),
        tracer=doors.enter_context(tracer_of(settings)),
        counts=counts,
        dispositions=settings.dispositions,
        belongs={each.name: each.tenant for each in ends if each.tenant},
    )
    news = _news(settings, bell)
    jobs = engine(settings, deps, bell.ring)
    waker.wakes += (jobs.wake, bell.ring)
    renewing = tuple(_renewing(deps, store, bell))

    def start() -> None:
        detectors.warm()
        news.start()
        jobs.start()
        for loop in renewing:
            loop.start()

    def stop() -> None:
        for loop in renewing:
            loop.stop()
        jobs.stop()
        news.stop()
        later.stop()
        store.close()
        doors.close()

    app = create_app(deps, _surroundings(settings, ends, bell, start, stop, jobs.trouble))
    return Service(settings, deps, app, start, stop, bell.close)


def _webhooks(
    settings: Settings, store: SqlStore, clock: Clock, outbound: GuardedClient
) -> Registered:
    """Return what tenants registered until now."""
    box = partial(secret_box, hash_key_of(settings))
    registered = Registered(store, box, webhook_maker(outbound), clock, outbound.judge)
    registered.refresh()
    return registered


def _news(settings: Settings, bell: Bell) -> News:
    """Return what rings the bells of other processes, and this one's when they do."""
    news = news_of(settings, bell.hear)
    bell.tell = news.tell
    return news


def _renewing(deps: Deps, store: SqlStore, bell: Bell) -> Iterator[Loop]:
    yield Loop("policies", deps.detectors.refresh, at_least_every=RENEWED_S)
    yield Loop("webhooks", deps.webhooks.refresh, at_least_every=RENEWED_S)
    yield Loop("memory", GivesBack(lambda: bell.readers).look, at_least_every=MEMORY_S)
    if store.clock is not None:
        yield Loop("clock", store.clock.renew, at_least_every=CLOCK_S)


def _surroundings(
    settings: Settings,
    ends: tuple[Endpoint, ...],
    bell: Bell,
    start: Callable[[], None],
    stop: Callable[[], None],
    trouble: Callable[[], str],
) -> Surroundings:
    return Surroundings(
        start=start,
        stop=stop,
        bell=bell,
        trouble=trouble,
        endpoints={TENANT: TENANT}
        | {each.endpoint: each.tenant or TENANT for each in ends if each.endpoint},
        session_life=timedelta(hours=settings.session_h),
        docs=settings.dev,
    )


@contextmanager
def opened(settings: Settings) -> Iterator[Deps]:
    """Yield the composition with nothing running, and close it after: for a command of its own."""
    service = build(settings)
    try:
        yield service.deps
    finally:
        service.stop()


def ids(clock: Clock) -> Callable[[str], str]:
    """Return a maker of ids `prefix_…`: by time, strictly ascending, and not to be guessed."""
    lock, last = Lock(), 0

    def new_id(prefix: str) -> str:
        nonlocal last
        with lock:
            last = max(last + 1, int(clock().timestamp() * 1000) << 20)
            return f"{prefix}_{last:017x}{secrets.token_hex(8)}"

    return new_id


def machine_time() -> datetime:
    """Return the time by this machine's clock."""
    return datetime.now(UTC)


def clocks_apart(settings: Settings) -> dict[str, Skew]:
    """Return how far the database's and Redis' clocks are ahead of this machine's.

    Without the database's where this machine's own is the one that counts.
    """
    database = None if settings.fresh else skew_of(settings.database, machine_time)
    found = {"the database": database, "Redis": skew_at_redis(settings, machine_time)}
    return {name: one for name, one in found.items() if one is not None}


def policy_in_force(settings: Settings) -> str | None:
    """Return `name@version` of what was activated in the database, None if nothing was."""
    return active_policy(settings.database, TENANT)


def describe_store(settings: Settings) -> dict[str, str]:
    """Return what is in force in the database: its settings, its revision, the newest one."""
    return describe(settings.database)


@contextmanager
def connected(settings: Settings) -> Iterator[dict[str, Connector]]:
    """Yield the connectors that the settings name, and close their way out after."""
    with closing(GuardedClient(allow_loopback=settings.allow_loopback)) as outbound:
        yield connectors_of(settings, endpoints_of(settings.connectors_file), outbound)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"the data folder {folder} cannot be made: {error.strerror}") from None

"""Put everything together: settings in, a service out; the only file that names adapters."""

import os
import random
import secrets
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from fastapi import FastAPI
from pydantic import JsonValue, ValidationError
from pydantic_settings import SettingsError

from connectors import connect as make_connector
from handoff.api.feed import Bell
from handoff.app import Surroundings, create_app
from handoff.detection import Policy
from handoff.detection.policy import default_text
from handoff.domain.connector import Connector, Outbound
from handoff.domain.delivery import Delivery
from handoff.domain.errors import Invalid
from handoff.domain.records import Due
from handoff.jobs.engine import Engine, Jobs
from handoff.jobs.later import Later
from handoff.jobs.loop import Loop
from handoff.outbound import GuardedClient
from handoff.services.deliver import deliver
from handoff.services.deps import Deps, Timings
from handoff.services.detectors import Detectors, Written
from handoff.services.points import POINTS
from handoff.services.timers import fire_timer
from handoff.settings import Settings, mistakes, not_json, unknown_variables
from handoff.store import describe, migrate, open_store, pending

__all__ = [
    "TENANT",
    "Service",
    "Settings",
    "build",
    "connectors_of",
    "describe_store",
    "load_settings",
    "migrate",
    "opened",
    "pending",
    "policy_of",
    "unknown_variables",
]

TENANT = "default"
"""The one tenant of the embedded default."""
POLICIES_S = 3.0
"""Seconds until a policy that another process put in force is in force here too."""
CLOCK_S = 10.0
"""Seconds between two looks at the database's clock."""
Clock = Callable[[], datetime]


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
) -> Service:
    """Return the service that the settings describe; tests bring a clock and connectors."""
    at_point = killer(settings.killpoint)
    bell = Bell()
    waker = _Waker(bell)
    _make(settings.data_dir)
    outbound = GuardedClient(allow_loopback=settings.allow_loopback)
    later = Later()
    store = open_store(settings.database, on_commit=waker.committed, at_point=at_point)
    now = clock or store.clock or (lambda: datetime.now(UTC))
    detectors = Detectors(store, written_of(settings))
    detectors.refresh()
    deps = Deps(
        store=store,
        clock=now,
        new_id=ids(now),
        detectors=detectors,
        connectors=connectors_of(settings, outbound) if connectors is None else connectors,
        wake=waker.want,
        chance=random.SystemRandom().random,
        later=later,
        at_point=at_point,
        timings=_timings(settings),
        base_url=settings.address,
        storms=settings.storms,
        dispositions=settings.dispositions,
    )
    engine = _engine(deps, bell)
    waker.engine = engine
    renewing = [Loop("policies", detectors.refresh, at_least_every=POLICIES_S)]
    if store.clock is not None:
        renewing.append(Loop("clock", store.clock.renew, at_least_every=CLOCK_S))

    def start() -> None:
        detectors.warm()
        engine.start()
        for loop in renewing:
            loop.start()

    def stop() -> None:
        for loop in renewing:
            loop.stop()
        engine.stop()
        later.stop()
        store.close()
        outbound.close()

    around = Surroundings(
        start=start,
        stop=stop,
        bell=bell,
        endpoints={TENANT: TENANT},
        session_life=timedelta(hours=settings.session_h),
        docs=settings.dev,
    )
    return Service(settings, deps, create_app(deps, around), start, stop, bell.close)


@contextmanager
def opened(settings: Settings) -> Iterator[Deps]:
    """Yield the composition with nothing running, and close it after: for a command of its own."""
    service = build(settings)
    try:
        yield service.deps
    finally:
        service.stop()


class _Waker:
    """Wakes the engine and the feeds once what asked for it is committed, and not before."""

    def __init__(self, bell: Bell) -> None:
        """Start with nothing wanted."""
        self.engine: Jobs | None = None
        self._bell = bell
        self._wanted = False

    def want(self) -> None:
        """Ask for it; inside a transaction."""
        self._wanted = True

    def committed(self) -> None:
        """Do it if it was asked for; every commit, the engine's own too, comes by here."""
        if self._wanted:
            self._wanted = False
            if self.engine is not None:
                self.engine.wake()
            self._bell.ring()


def _engine(deps: Deps, bell: Bell) -> Engine:
    def send(delivery: Delivery) -> None:
        deliver(deps, delivery)
        bell.ring()

    def fire(due: Due) -> None:
        fire_timer(deps, due)
        bell.ring()

    return Engine(
        deps.store,
        deliver=send,
        fire_timer=fire,
        clock=deps.clock,
        new_token=lambda: secrets.token_hex(8),
    )


def ids(clock: Clock) -> Callable[[str], str]:
    """Return a maker of ids `prefix_…`: by time, strictly ascending, and not to be guessed."""
    lock, last = Lock(), 0

    def new_id(prefix: str) -> str:
        nonlocal last
        with lock:
            last = max(last + 1, int(clock().timestamp() * 1000) << 20)
            return f"{prefix}_{last:017x}{secrets.token_hex(8)}"

    return new_id


def killer(killpoint: str) -> Callable[[str], None]:
    """Return what is called at the named points: it ends the process where a fault test says so."""
    if not killpoint:
        return lambda _name: None
    name, _, nth = killpoint.partition(":")
    if name not in POINTS:
        raise Invalid(f"HANDOFF_KILLPOINT: no point {name!r}; there are: {', '.join(POINTS)}")
    passed = Counter[str]()

    def at_point(here: str) -> None:
        passed[here] += 1
        if here == name and passed[here] == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)

    return at_point


def policy_of(settings: Settings) -> Policy:
    """Return the policy that the settings name; raise PolicyInvalid, or Invalid if unreadable."""
    return written_of(settings).policy


def written_of(settings: Settings) -> Written:
    """Return the policy that the settings name with its text; raise as `policy_of` does."""
    if settings.policy_file is None:
        return Written(Policy.default(), default_text())
    try:
        return Written.load(settings.policy_file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise Invalid(
            f"HANDOFF_POLICY_FILE: the policy {settings.policy_file} cannot be read: {why}"
        ) from None


def describe_store(settings: Settings) -> dict[str, str]:
    """Return what is in force in the database: its settings, its revision, the newest one."""
    return describe(settings.database)


def connectors_of(settings: Settings, outbound: Outbound | None = None) -> dict[str, Connector]:
    """Return the connectors that the settings name, the desk first; raise Invalid."""
    outbound = outbound or GuardedClient(allow_loopback=settings.allow_loopback)
    return {
        name: make_connector(name, told, outbound)
        for name, told in _connector_settings(settings).items()
    }


def _connector_settings(settings: Settings) -> dict[str, dict[str, JsonValue]]:
    """Return configured connector to its own settings, secrets in clear."""
    told: dict[str, dict[str, JsonValue]] = {"desk": {}}
    if settings.outbox_dir is not None:
        told["outbox_dir"] = {"folder": str(settings.outbox_dir)}
    if settings.webhook_url is not None and settings.webhook_secret is not None:
        secret = settings.webhook_secret.get_secret_value()
        told["webhook"] = {"url": str(settings.webhook_url), "secret": secret}
    return told


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"the data folder {folder} cannot be made: {error.strerror}") from None


def _timings(settings: Settings) -> Timings:
    return Timings(
        check=settings.check_s,
        reservation=settings.reservation_s,
        connect=settings.connect_s,
        lease=settings.lease_s,
        wrap_up=settings.wrap_up_s,
        grace=settings.grace_s,
        contact=settings.contact_s,
    )

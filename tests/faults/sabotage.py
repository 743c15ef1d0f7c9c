"""What a forked process changes of itself before it runs: planted bugs, and shorter times.

A planted bug is named by the invariant that must catch it and by the circumstances it shows in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import connectors.webhook
import handoff.bootstrap
import handoff.domain.account
import handoff.domain.delivery
from tests.faults.armed import armed

Plant = Callable[[], None]
PLANTS: dict[str, Plant] = {}
"""Name to what plants it."""


@dataclass(frozen=True)
class Bug:
    """A planted bug: what must catch it, in which circumstances, on which database."""

    name: str
    invariant: str
    twist: str
    kind: str


BUGS: list[Bug] = []


def plant(name: str) -> None:
    """Plant one."""
    PLANTS[name]()


def tuned(function: Plant) -> Plant:
    """Keep something that is no bug under its function's name."""
    PLANTS[function.__name__] = function
    return function


def bug(invariant: str, twist: str = "plain", kind: str = "sqlite") -> Callable[[Plant], Plant]:
    """Keep a bug under its function's name."""

    def keep(function: Plant) -> Plant:
        BUGS.append(Bug(function.__name__, invariant, twist, kind))
        return tuned(function)

    return keep


def around(owner: Any, name: str, wrap: Callable[..., Any]) -> None:
    """Put `wrap` in the place of a function, which it is given before the arguments."""
    before = getattr(owner, name)

    def instead(*args: Any, **more: Any) -> Any:
        return wrap(before, *args, **more)

    setattr(owner, name, instead)


@tuned
def armed_points() -> None:
    """Die at the point that a file names."""
    handoff.bootstrap.killer = armed


PATIENT_S = 600.0


def _deadline(seconds: float) -> None:
    def init(before: Any, self: Any, config: Any, outbound: Any) -> None:
        before(self, config.model_copy(update={"deadline": seconds}), outbound)

    around(connectors.webhook.Webhook, "__init__", init)


@tuned
def short_deadline() -> None:
    """Give receivers two seconds."""
    _deadline(2.0)


@tuned
def patient() -> None:
    """Give receivers ten minutes."""
    _deadline(PATIENT_S)


@tuned
def quick_schedule() -> None:
    """Retry at once, and never open a breaker."""
    handoff.domain.delivery.LIVE_DELAYS = (0.0, 0.05, 0.05, 0.05, 0.05)
    handoff.domain.account.OPENS_AT = 1_000


@tuned
def records_soon() -> None:
    """Keep a record's eleven tries, and let the last come soon enough to be waited for."""
    handoff.domain.delivery.RECORD_DELAYS = (0.0, *(0.5 * step for step in range(1, 11)))


@tuned
def clock_an_hour_ahead() -> None:
    """Set this process's clock wrong."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz or UTC) + timedelta(hours=1)

    handoff.bootstrap.datetime = Ahead


def reset(value: Any, **changes: Any) -> Any:
    """Return a copy of a frozen value."""
    return replace(value, **changes)

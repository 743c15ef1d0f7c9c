"""What the rest of the service sees of an engine, whichever it is, and where each is found."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from handoff.domain.errors import MissingExtra

PARTS = {
    "hints": "handoff.jobs.hints:Hints",
    "news": "handoff.jobs.news:News",
    "listener": "handoff.jobs.listener:Listener",
    "describe": "handoff.jobs.checkup:describe",
    "skew": "handoff.jobs.checkup:skew_of",
}
"""What of the engine needs the extra `redis`, resolved on use."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at something gave."""

    told: str = ""
    wrong: str = ""
    """What does not work as it is, and what to do; empty if nothing."""
    advice: str = ""
    """What works, and would be better otherwise."""


class Jobs(Protocol):
    """An engine: does what is due itself, or has it done by workers."""

    def start(self) -> None: ...
    def stop(self) -> None:
        """Take nothing more on, finish what runs within a bound, leave the rest to others."""

    def wake(self) -> None:
        """Say, after a commit, that something may be due; never waits."""

    def trouble(self) -> str:
        """Return in a word what makes it slower than it should be; empty if nothing does."""


class News(Protocol):
    """Tells other processes that something changed."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def tell(self) -> None:
        """Have the others told, after a commit; never waits."""


class Silence:
    """News where there is nobody to tell."""

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""

    def tell(self) -> None:
        """Do nothing."""


def resolve(part: str) -> Any:
    """Return a part that needs Redis; raise MissingExtra where its packages are not installed."""
    module, _, attribute = PARTS[part].partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name not in ("redis", "rq"):
            raise
        raise MissingExtra(
            f"{error.name} is missing; install the extra: pip install '.[redis]'"
        ) from error

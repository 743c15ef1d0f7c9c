"""What the service is told when a database refuses: our errors, never a driver's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from handoff.domain.errors import HandoffError, Overloaded


class Reach(Enum):
    """How much of a transaction an error ends, and whether running it again may help."""

    COMMAND = auto()
    """Only the command that met it."""
    RACE = auto()
    """Only that command, which may have met what another process wrote since it looked."""
    BATCH = auto()
    """Everything since the transaction began."""
    PASSING = auto()
    """Everything, and another try may well succeed: a deadlock, a restart."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How one database's driver says what is wrong."""

    errors: tuple[type[Exception], ...]
    """What the driver raises."""
    refusal: Callable[[BaseException], HandoffError | None]
    """Returns our error for one of the driver's, None where it is a fault of ours."""
    reach: Callable[[BaseException], Reach]
    """Tells what an error ends; for errors of ours too."""

    def translated(self, error: BaseException) -> BaseException:
        """Return the error to give to the caller: a refusal of the database as one of ours."""
        cause = driver_error(error)
        ours: HandoffError | None = None
        if isinstance(error, PoolTimeout):
            ours = Overloaded("every reading connection is taken: try again shortly")
        elif isinstance(cause, self.errors):
            ours = self.refusal(cause)
        if ours is None:
            return error
        ours.__cause__ = error
        return ours

    @contextmanager
    def in_our_words(self) -> Iterator[None]:
        """Raise what the database refuses inside as one of our errors."""
        known: tuple[type[Exception], ...] = (SQLAlchemyError, *self.errors)
        try:
            yield
        except known as error:
            refusal = self.translated(error)
            if refusal is error:
                raise
            raise refusal from error


def driver_error(error: BaseException) -> BaseException:
    """Return what the driver raised, where SQLAlchemy wrapped it."""
    return error.orig or error if isinstance(error, DBAPIError) else error

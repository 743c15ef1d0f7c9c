"""Everything that can go wrong, as one tree; a class's docstring is its default message.

HandoffError
├── Invalid            what was sent cannot be used (ValueError's place at every edge)
│   └── PolicyInvalid  … and here are the lines and causes
├── NotFound
├── Conflict
│   ├── ControlLost    a stale epoch asked to speak
│   ├── IllegalMove    the lifecycle has no such move from here
│   ├── StaleVersion   somebody changed it first
│   ├── TurnConflict   a turn id came back with other content
│   ├── KeyReused      an Idempotency-Key came back with another request
│   └── InProgress     the first request with this Idempotency-Key still runs
├── Unauthenticated · Forbidden
├── Overloaded         try again shortly: full queue, locked or full disk
│   └── StorageFull
├── ConnectorError     the other side refused, failed, or left us not knowing
├── SummaryFailed      a summarizer gave nothing (in `domain.summary`)
└── MissingExtra       a feature needs an extra that is not installed
"""

import traceback
from collections.abc import Sequence


class HandoffError(Exception):
    """Something went wrong."""

    code = "error"

    def __init__(self, message: str | None = None) -> None:
        """Keep the message; without one the class's docstring speaks."""
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        """Return the sentence to show."""
        return str(self.args[0])


class Invalid(HandoffError):
    """What was sent cannot be used."""

    code = "invalid"


class PolicyInvalid(Invalid):
    """The policy has mistakes."""

    code = "policy_invalid"

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep `problems`, one `line: cause` each."""
        super().__init__("; ".join(problems) or None)
        self.problems = tuple(problems)


class NotFound(HandoffError):
    """There is no such thing here."""

    code = "not_found"


class Conflict(HandoffError):
    """That does not fit what is already there."""

    code = "conflict"


class ControlLost(Conflict):
    """The bot no longer has the floor: its epoch is old."""

    code = "control_lost"


class IllegalMove(Conflict):
    """An escalation in this state cannot do that."""

    code = "illegal_move"


class StaleVersion(Conflict):
    """Somebody changed it first: read it again and repeat."""

    code = "stale_version"


class TurnConflict(Conflict):
    """This turn id was already stored with other content."""

    code = "turn_conflict"


class KeyReused(Conflict):
    """This Idempotency-Key was already used for another request."""

    code = "idempotency_key_reused"


class InProgress(Conflict):
    """The first request with this Idempotency-Key is still running."""

    code = "in_progress"


class Unauthenticated(HandoffError):
    """No valid API key or session was sent."""

    code = "unauthenticated"


class Forbidden(HandoffError):
    """This key has not the scope for that."""

    code = "forbidden"


class Overloaded(HandoffError):
    """The service cannot take this now: try again shortly."""

    code = "overloaded"


class StorageFull(Overloaded):
    """There is no room left to store this; nothing was accepted."""

    code = "storage_full"


class MissingExtra(HandoffError):
    """A feature needs an extra that is not installed."""

    code = "missing_extra"


class ConnectorError(HandoffError):
    """The other side did not take the delivery."""

    code = "connector_error"

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = True,
        unknown: bool = False,
        retry_after: float | None = None,
        pause: bool = False,
    ) -> None:
        """Say what is known of a failed delivery.

        `unknown`: the other side may have it (look before repeating); `retry_after`: seconds it
        asked us to wait; `pause`: this account rests until a person looks (401, 403, 410), but
        for one try now and then.
        """
        super().__init__(message)
        self.retryable = retryable
        self.unknown = unknown
        self.retry_after = retry_after
        self.pause = pause


def placed(error: BaseException) -> str:
    """Return an exception's type and where it was raised, without its message."""
    frames = list(traceback.walk_tb(error.__traceback__))  # unlike extract_tb it reads no sources
    place = f"{frames[-1][0].f_code.co_filename}:{frames[-1][1]}" if frames else "unknown place"
    return f"{type(error).__name__} at {place}"

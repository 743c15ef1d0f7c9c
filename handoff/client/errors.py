"""What a call of the SDK can end with, as one tree.

ClientError
├── Unreachable       no answer came, however often it was tried
├── Refused           the request itself is wrong; repeating it cannot help
│   ├── Unauthenticated · Forbidden
│   ├── NotFound
│   ├── KeyReused         the Idempotency-Key came with another request before
│   └── Conflict
│       ├── ControlLost    the bot has lost the floor: it must stay silent
│       ├── IllegalMove    the lifecycle has no such move from here
│       ├── StaleVersion   somebody changed it first
│       └── TurnConflict   the turn id is stored with other content
└── ServerFault       the service could not, for now or by a fault of its own
    └── Overloaded    it asked to be tried again later, and still did after all retries
"""

from typing import Final

import httpx

from handoff.domain.errors import HandoffError


class ClientError(HandoffError):
    """The service did not do it."""

    def __init__(self, detail: str, *, status: int | None = None, code: str = "error") -> None:
        """Keep the service's sentence, HTTP status and problem code."""
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.code = code


class Unreachable(ClientError):
    """No answer came."""


class Refused(ClientError):
    """The request itself is wrong."""


class Unauthenticated(Refused):
    """The API key is missing, unknown or revoked."""


class Forbidden(Refused):
    """The key has not the scope for that."""


class NotFound(Refused):
    """There is no such thing here."""


class KeyReused(Refused):
    """This Idempotency-Key was already used for another request."""


class Conflict(Refused):
    """That does not fit what is already there."""


class ControlLost(Conflict):
    """The bot no longer has the floor: it must not say what it was about to say."""


class IllegalMove(Conflict):
    """An escalation in this state cannot do that."""


class StaleVersion(Conflict):
    """Somebody changed it first: read it again and repeat."""


class TurnConflict(Conflict):
    """This turn id is stored with other content."""


class ServerFault(ClientError):
    """The service failed by itself."""


class Overloaded(ServerFault):
    """The service could not take it now."""


_BY_CODE: Final[dict[str, type[ClientError]]] = {
    "control_lost": ControlLost,
    "idempotency_key_reused": KeyReused,
    "illegal_move": IllegalMove,
    "stale_version": StaleVersion,
    "turn_conflict": TurnConflict,
}
_BY_STATUS: Final[dict[int, type[ClientError]]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: StaleVersion,
    429: Overloaded,
    503: Overloaded,
    507: Overloaded,
}


def error_of(answer: httpx.Response) -> ClientError:
    """Return what an answer that is no success means: by its problem code, else by its status."""
    code, detail = _told(answer)
    status = answer.status_code
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status)
    if kind is None:
        kind = ServerFault if status >= 500 else Refused
    return kind(detail, status=status, code=code)


def problem_code(answer: httpx.Response) -> str:
    """Return the `code` of a problem (RFC 9457), empty if the answer is none."""
    return _told(answer)[0]


def _told(answer: httpx.Response) -> tuple[str, str]:
    """Return code and sentence; whatever else a proxy may have put there is cut short."""
    fallback = f"the service answered {answer.status_code}"
    try:
        problem = answer.json()
    except ValueError:
        return "", fallback
    if not isinstance(problem, dict):
        return "", fallback
    code, detail = problem.get("code"), problem.get("detail") or problem.get("title")
    return str(code or ""), str(detail or fallback)

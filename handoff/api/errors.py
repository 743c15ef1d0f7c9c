"""What an error is over HTTP: the only file that knows its numbers (RFC 9457 problem details)."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import JsonValue
from pydantic_core import ErrorDetails, to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from handoff.domain import errors

MEDIA_TYPE = "application/problem+json"
MOST_CAUSES = 50
LONGEST_PLACE = 100
log = logging.getLogger("handoff.api")


class Malformed(errors.Invalid):
    """The body is not JSON."""

    code = "malformed"


class BadFields(errors.Invalid):
    """Fields are missing, unknown or of the wrong form."""

    code = "bad_fields"

    def __init__(self, causes: Iterable[ErrorDetails | Mapping[str, Any]], *, of: str = "") -> None:
        """Keep where and what: never the input itself, which may be anybody's words."""
        self.causes = tuple(_cause(cause, of) for cause in list(causes)[:MOST_CAUSES])
        told = "; ".join(f"{_place(cause['loc'])}: {cause['message']}" for cause in self.causes)
        super().__init__(told or None)


class TooLarge(errors.Invalid):
    """The body is larger than this service reads."""

    code = "too_large"


class TooSlow(errors.Invalid):
    """The body did not arrive in time."""

    code = "too_slow"


class WrongMediaType(errors.Invalid):
    """The body must be sent as application/json."""

    code = "wrong_media_type"


class CrossSite(errors.Forbidden):
    """Another site's page asked with this browser's login."""

    code = "cross_site"


STATUSES: dict[type[errors.HandoffError], int] = {
    Malformed: 400,
    TooLarge: 413,
    TooSlow: 408,
    WrongMediaType: 415,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.KeyReused: 422,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.StorageFull: 507,
    errors.Overloaded: 503,
    errors.MissingExtra: 501,
    errors.ConnectorError: 502,
}
"""Error to status; a subclass without a row has its parent's."""

PASSING = (errors.Overloaded, errors.InProgress)
"""What passes by itself: the answer says when to come back."""


def status_of(error: errors.HandoffError) -> int:
    """Return the status of an error; 500 for one that no row covers."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def problem(error: errors.HandoffError, path: str, status: int | None = None) -> Response:
    """Return the answer that tells of an error."""
    status = status or status_of(error)
    headers: dict[str, str] = {}
    if isinstance(error, PASSING):
        headers["Retry-After"] = "1"
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    body: dict[str, JsonValue] = {
        "type": f"urn:handoff:problem:{error.code}",
        "title": (type(error).__doc__ or "").partition("\n")[0],
        "status": status,
        "detail": error.message,
        "code": error.code,
        "instance": path,
    }
    if isinstance(error, BadFields):
        body["errors"] = [*error.causes]
    if isinstance(error, errors.PolicyInvalid):
        body["errors"] = [{"message": cause} for cause in error.problems]
    return Response(to_json(body), status, headers, MEDIA_TYPE)


async def on_handoff_error(request: Request, error: Exception) -> Response:
    """Answer an error of ours; a failed `If-Match` has its own number (RFC 9110 13.1.1)."""
    if not isinstance(error, errors.HandoffError):
        raise error
    failed = isinstance(error, errors.StaleVersion) and "if-match" in request.headers
    return problem(error, request.url.path, 412 if failed else None)


async def on_bad_fields(request: Request, error: Exception) -> Response:
    """Answer what FastAPI found wrong with parameters or body."""
    if not isinstance(error, RequestValidationError):
        raise error
    return problem(BadFields(error.errors()), request.url.path)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses by itself: no such route, no such method."""
    if not isinstance(error, HTTPException):
        raise error
    title = HTTPStatus(error.status_code).phrase
    body: dict[str, JsonValue] = {
        "type": "about:blank",
        "title": title,
        "status": error.status_code,
        "detail": title,
        "code": title.lower().replace(" ", "_"),
        "instance": request.url.path,
    }
    return Response(to_json(body), error.status_code, error.headers, MEDIA_TYPE)


def unexpected(error: BaseException, method: str, path: str) -> Response:
    """Return a 500 that says nothing; the log has the error's type and place, never its words."""
    log.error("%s failed: %s", method, errors.placed(error))
    return problem(errors.HandoffError("the service failed; its log says where"), path)


def _cause(cause: ErrorDetails | Mapping[str, Any], of: str) -> dict[str, JsonValue]:
    loc = [str(part)[:LONGEST_PLACE] if isinstance(part, str) else part for part in cause["loc"]]
    message = str(cause["msg"]).removeprefix("Value error, ")
    if cause["type"] == "extra_forbidden":
        message = "there is no such field"
    return {"loc": [of, *loc] if of else loc, "message": message}


def _place(loc: JsonValue) -> str:
    return "/".join(str(part) for part in loc) if isinstance(loc, Sequence) else str(loc)


HANDLERS = {
    errors.HandoffError: on_handoff_error,
    RequestValidationError: on_bad_fields,
    HTTPException: on_http_error,
}
"""Exception to what answers it."""

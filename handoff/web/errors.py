"""Tell people on a page what went wrong: nobody at a desk should meet a line of JSON."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, ClassVar

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from handoff.domain import errors
from handoff.web.pages import Frame, Page, shown

STATUSES: dict[type[errors.HandoffError], int] = {
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.Overloaded: 503,
}
"""Error to status; a subclass without a row has its parent's."""

TITLES = {
    403: "Not for you",
    404: "Not found",
    409: "That was not possible",
    422: "That cannot be used",
    503: "Please try again shortly",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage(Page):
    """What went wrong, in a sentence, and where to go from there."""

    template: ClassVar[str] = "access/problem.html"
    message: str


def status_of(error: errors.HandoffError) -> int:
    """Return the status of an error; 500 for one that no row covers."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def problem(message: str, status: int) -> Response:
    """Return the page that tells of an error."""
    frame = Frame(TITLES.get(status, "Something went wrong"))
    return shown(ProblemPage(frame=frame, message=message), status)


class PageRoute(APIRoute):
    """A route whose errors are pages, and who is not logged in is led to the login."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with errors told on pages."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except errors.Unauthenticated:
                return RedirectResponse("/login", 303)
            except RequestValidationError:
                return problem("A field of the form is missing or of the wrong kind.", 422)
            except errors.HandoffError as error:
                return problem(error.message, status_of(error))

        return told

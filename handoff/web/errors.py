"""Tell people on a page what went wrong: nobody at a desk should meet a line of JSON."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, ClassVar

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
    405: "Not found",
    409: "That was not possible",
    422: "That cannot be used",
    503: "Please try again shortly",
}
SENTENCES = {
    403: "Another site's page asked for this with your login. If it was you, do it from here.",
    404: "There is no page at this address.",
    405: "There is no page at this address.",
    408: "The form did not arrive in time. Please send it again.",
    413: "That is more than a form here may hold.",
}
"""What is said where the refusal came from before any page, by status."""
FAULT = "The service failed. It is not your doing: please try again, and tell who runs it."
API = "/v1/"
PROBLEM = b"application/problem+json"


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


class TellBrowsers:
    """Turns problem details into a page where a browser asked for a page, whoever refused it.

    Addresses that no route has, what crosses sites and faults of ours never reach a page's route.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as `app` does, its problems in the form that was asked for."""
        if scope["type"] != "http" or scope["path"].startswith(API) or not _browses(scope):
            await self._app(scope, receive, send)
            return
        refused = False

        async def sending(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and _is_problem(message):
                refused = True
                status = message["status"]
                page = problem(SENTENCES.get(status, FAULT), status)
                await page(scope, receive, send)
            elif not refused:
                await send(message)

        await self._app(scope, receive, sending)


def _browses(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _is_problem(message: Message) -> bool:
    return (b"content-type", PROBLEM) in message.get("headers", ())

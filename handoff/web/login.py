"""Log in with a one-time link, and out again."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from handoff.domain.errors import Unauthenticated
from handoff.services.access import end_session, redeem_login
from handoff.services.deps import Deps
from handoff.services.door import Credential, Door, Kind
from handoff.web.errors import PageRoute
from handoff.web.pages import Frame, Page, shown
from handoff.web.visits import OwnForm

Token = Annotated[str, Query(max_length=200)]
SECURE = "__Host-"
"""Begins the name of a cookie that browsers keep only if it is `Secure` and ours alone."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage(Page):
    """Where a login link leads, and everybody who is not logged in."""

    template: ClassVar[str] = "access/login.html"
    token: str
    alert: str


@router.get("/login")
def login(token: Token = "") -> Response:
    """Ask whether to log in: what only looks at links must not use them up."""
    return _page(token)


@router.post("/login")
def enter(request: Request, token: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Begin a new session for a login link, and end the one before."""
    state = request.app.state
    deps: Deps = state.deps
    at = deps.clock()
    try:
        session, _ = redeem_login(deps.store, token, at, state.session_life)
    except Unauthenticated:
        return _page("", "This login link was used before, or is too old. Ask for a new one.")
    _leave(request, deps)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        state.cookie,
        session,
        max_age=int(state.session_life.total_seconds()),
        secure=state.cookie.startswith(SECURE),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.post("/logout", dependencies=[OwnForm])
def leave(request: Request) -> Response:
    """End the session, here and in the store."""
    state = request.app.state
    _leave(request, state.deps)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(
        state.cookie, secure=state.cookie.startswith(SECURE), httponly=True, samesite="lax"
    )
    return answer


def _leave(request: Request, deps: Deps) -> None:
    door: Door = request.app.state.door
    credential: Credential | None = request.state.credential
    if credential is not None and credential.kind is Kind.SESSION:
        end_session(deps.store, credential.text, deps.clock())
        door.forget(credential)


def _page(token: str, alert: str = "") -> Response:
    page = LoginPage(frame=Frame("Log in"), token=token, alert=alert)
    return shown(page, 403 if alert else 200)

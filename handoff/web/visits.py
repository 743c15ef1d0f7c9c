"""Let a person in to a page: who they are, what they may, and that a form is really theirs."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Form
from starlette.requests import Request

from handoff.domain.audit import Actor
from handoff.domain.errors import Forbidden, Unauthenticated
from handoff.domain.ports import Transaction
from handoff.domain.records import Scope
from handoff.services.access import Principal
from handoff.services.deps import Deps
from handoff.services.door import Credential
from handoff.services.views import View
from handoff.web.filters import Period
from handoff.web.pages import Frame, Place

R = TypeVar("R")
Report = Callable[[Transaction, datetime | None, datetime | None], list[View]]
"""Counts a period: from its first instant to the first after it."""

DESK = (Scope.AGENT, Scope.SUPERVISOR)
REVIEW = (Scope.SUPERVISOR,)
COUNTS = (Scope.SUPERVISOR, Scope.ADMIN)
ADMIN = (Scope.ADMIN,)

PLACES = (
    ("Desk", "/desk", DESK),
    ("Transfers", "/transfers", COUNTS),
    ("Reports", "/reports", COUNTS),
    ("Deliveries", "/deliveries", COUNTS),
    ("Policies", "/policies", COUNTS),
)
"""The navigation: label, address and the scopes that may go there."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's request for a page, admitted."""

    deps: Deps
    who: Principal
    by: Actor
    csrf: str
    path: str
    at: datetime
    ring: Callable[[], None]
    """Tells those who follow the feed that something changed."""

    def read(self, work: Callable[[Transaction], R]) -> R:
        """Return what `work` reads of the visitor's tenant."""
        return self.deps.store.read(self.who.tenant, work)

    def write(self, work: Callable[[Transaction], R]) -> R:
        """Return what `work` did, on disk."""
        done = self.deps.store.write(self.who.tenant, work)
        self.ring()
        return done

    def rows(self, report: Report, period: Period) -> list[View]:
        """Return what a report counts of the visitor's tenant in a period; raises Invalid."""
        start, end = period.start, period.end
        return self.read(lambda tx: report(tx, start, end))

    def may(self, *scopes: Scope) -> bool:
        """Tell whether the visitor has one of the scopes."""
        return not self.who.scopes.isdisjoint(scopes)

    def frame(self, title: str) -> Frame:
        """Return the frame of a page for this visitor."""
        places = tuple(
            Place(label, href, self.path.startswith(href))
            for label, href, allowed in PLACES
            if self.may(*allowed)
        )
        return Frame(title, self.who.name, self.csrf, places)


def _visit(request: Request, allowed: tuple[Scope, ...]) -> Visit:
    who: Principal | None = request.state.principal
    if who is None:
        raise Unauthenticated
    by = who.actor(allowed)
    if by is None:
        raise Forbidden(f"This page needs the scope {' or '.join(allowed)}.")
    state = request.app.state
    deps: Deps = state.deps
    return Visit(
        deps, who, by, form_token(request), request.url.path, deps.clock(), state.bell.ring
    )


def form_token(request: Request) -> str:
    """Return what our own forms carry: made from the login, which no other site can read."""
    credential: Credential | None = request.state.credential
    secret = credential.text if credential else ""
    return hmac.new(secret.encode(), b"handoff form", hashlib.sha256).hexdigest()


def _entering(request: Request) -> Visit:
    return _visit(request, (*DESK, Scope.ADMIN))


def _at_desk(request: Request) -> Visit:
    return _visit(request, DESK)


def _reviewing(request: Request) -> Visit:
    return _visit(request, REVIEW)


def _counting(request: Request) -> Visit:
    return _visit(request, COUNTS)


def _administering(request: Request) -> Visit:
    return _visit(request, ADMIN)


def _own_form(request: Request, csrf: Annotated[str, Form(max_length=200)] = "") -> None:
    """Raise Forbidden for a form that was not made for this login."""
    if not hmac.compare_digest(csrf.encode(), form_token(request).encode()):
        raise Forbidden("This form is not from your present login: reload the page and try again.")


Entering = Annotated[Visit, Depends(_entering)]
AtDesk = Annotated[Visit, Depends(_at_desk)]
Reviewing = Annotated[Visit, Depends(_reviewing)]
Counting = Annotated[Visit, Depends(_counting)]
Administering = Annotated[Visit, Depends(_administering)]
OwnForm = Depends(_own_form)
"""What a route that changes something lists among its dependencies."""

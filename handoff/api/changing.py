"""Answer a request that changes something: once per Idempotency-Key, in one transaction."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Annotated

from fastapi import Depends, Header
from pydantic import BaseModel, JsonValue
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from handoff.api.asking import JSON, Asked, Asking
from handoff.api.fields import Body
from handoff.domain.audit import Actor
from handoff.domain.errors import Invalid
from handoff.domain.escalation import Escalation
from handoff.domain.ports import Transaction
from handoff.domain.records import Scope
from handoff.services.connect import connect
from handoff.services.deps import Deps
from handoff.services.moving import found
from handoff.services.once import Answer, fingerprint, kept, once
from handoff.services.once import Request as Repeatable
from handoff.services.respond import require_holder
from handoff.services.storm import say
from handoff.services.views import View, escalation_view

REPLAYED = "Idempotent-Replayed"
"""The header of an answer that was given before."""
KEY_LENGTH = 255
VERSION_DIGITS = 15

Work = Callable[[Transaction, datetime], Answer]
Shown = Callable[[Answer], JsonValue]
Moving = Callable[[Transaction, Escalation, datetime], Escalation]


class Versioned(Body):
    """The body of a move; `version` is what the asker saw, as `If-Match` says it too."""

    version: int | None = None


OVERSEERS = frozenset({Scope.SUPERVISOR, Scope.ADMIN})


class Whose(Enum):
    """Who may make a move on an escalation that somebody holds."""

    ANYBODY = auto()
    HOLDER = auto()
    OVERSEEN = auto()
    """Its holder, or a supervisor."""


@dataclass(frozen=True, slots=True)
class Change:
    """A changing request. `route` and `key` tell its repeats, `version` what the asker saw."""

    asked: Asked
    route: str
    path: str
    key: str | None
    version: int | None

    @property
    def deps(self) -> Deps:
        """Return the composition."""
        return self.asked.deps

    @property
    def by(self) -> Actor:
        """Return who changes it."""
        return self.asked.by

    def own_id(self, prefix: str) -> str:
        """Return an id for what is made: the same for every repeat of the request."""
        if self.key is None:
            return self.deps.new_id(prefix)
        key = self._keyed(self.key)
        return f"{prefix}_{fingerprint(self.asked.who.identity, key)[:32]}"

    def is_repeat(self) -> bool:
        """Tell whether an answer is kept: what was looked at before it need not hold any more."""
        this = self._repeatable(None)
        return this is not None and self.asked.read(lambda tx: kept(tx, this)) is not None

    def answer(self, body: BaseModel | None, work: Work, *, shown: Shown | None = None) -> Response:
        """Do `work` in a transaction and return its answer, on disk and kept for repeats.

        `shown` adds to the answer what must not be kept with it, as a secret.
        """
        deps, repeatable = self.deps, self._repeatable(body)

        def run(tx: Transaction) -> Answer:
            at = deps.clock()
            return once(tx, repeatable, at, lambda: work(tx, at))

        told = deps.store.write(self.asked.who.tenant, run)
        self.asked.bell.ring()
        deps.at_point("before_answer")
        headers = {REPLAYED: "true"} if told.replayed else {}
        said = told.body if shown is None else shown(told)
        return json_answer(said, told.status, {**headers, **etag(told.body)})

    def move(
        self, escalation_id: str, body: Versioned, move: Moving, whose: Whose = Whose.ANYBODY
    ) -> Response:
        """Make a move on an escalation and return it, with how to connect on a voice channel."""
        who = self.asked.who
        oversees = whose is Whose.OVERSEEN and not who.scopes.isdisjoint(OVERSEERS)

        def work(tx: Transaction, at: datetime) -> Answer:
            seen = body.version if self.version is None else self.version
            escalation = found(tx, escalation_id, seen)
            if whose is not Whose.ANYBODY:
                require_holder(escalation, who.name, oversees=oversees)
            return Answer(200, told_of(self.deps, move(tx, escalation, at)))

        return self.answer(body, work)

    def _repeatable(self, body: BaseModel | None) -> Repeatable | None:
        if self.key is None:
            return None
        said: JsonValue = {
            "body": body.model_dump(mode="json") if body else None,
            "version": self.version,
        }
        mark = self._keyed(fingerprint(self.path, said))
        return Repeatable(self.asked.who.identity, self.route, self._keyed(self.key), mark)

    def _keyed(self, text: str) -> str:
        """Return a keyed hash: key and body may hold anything, a card number too."""
        return hmac.digest(self.deps.hash_key, text.encode(), "sha256").hex()


def told_of(deps: Deps, escalation: Escalation) -> View:
    """Return an escalation as answers show it."""
    return {
        **escalation_view(escalation),
        "connect": connect(deps, escalation),
        "say": say(deps, escalation, deps.clock()),
    }


def json_answer(
    body: JsonValue, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON response."""
    return Response(to_json(body), status, headers, JSON)


def _change(
    request: Request,
    asked: Asking,
    idempotency_key: Annotated[
        str | None, Header(description="repeats with the same key have one effect")
    ] = None,
    if_match: Annotated[str | None, Header(description='the version seen: `"3"`')] = None,
) -> Change:
    route = f"{request.method} {request.scope['route'].path_format}"
    key, version = _key(idempotency_key), _version(if_match)
    return Change(asked, route, request.url.path, key, version)


Changing = Annotated[Change, Depends(_change)]
"""What an endpoint takes to change something."""


def _key(header: str | None) -> str | None:
    """Return the key, given bare or as a quoted string; raise Invalid."""
    if header is None:
        return None
    quoted = len(header) > 1 and header[0] == header[-1] == '"'
    key = header[1:-1] if quoted else header
    if not 0 < len(key) <= KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise Invalid(f"Idempotency-Key: 1 to {KEY_LENGTH} printable ASCII characters")
    return key


def _version(header: str | None) -> int | None:
    """Return the version in an entity tag, None for `*`; raise Invalid."""
    if header is None or header.strip() == "*":
        return None
    digits = header.strip().removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) <= VERSION_DIGITS):
        raise Invalid('If-Match: the version as an entity tag, e.g. "3"')
    return int(digits)


def etag(body: JsonValue) -> dict[str, str]:
    """Return the header with the version of an escalation in `body`, if it is one."""
    version = body.get("version") if isinstance(body, dict) else None
    return {} if version is None else {"ETag": f'"{version}"'}

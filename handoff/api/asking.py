"""Let a request in: who asks is in the table of scopes, and the body is JSON read strictly."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from fastapi.routing import APIRoute
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from handoff.api.body import parse_json
from handoff.api.errors import BadFields, WrongMediaType
from handoff.api.feed import Bell
from handoff.api.scopes import ANYONE, SCOPES, Allowed
from handoff.domain.audit import Actor
from handoff.domain.errors import Forbidden, Unauthenticated
from handoff.domain.ports import Transaction
from handoff.domain.turn import MAX_TEXT
from handoff.services.access import Principal
from handoff.services.deps import Deps

R = TypeVar("R")
JSON = "application/json"
QUICK_BYTES = 8_192
"""Larger bodies are read, checked and masked in a thread: others are answered meanwhile."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An admitted request: the composition, who asks, and what they act as."""

    deps: Deps
    who: Principal
    by: Actor
    bell: Bell
    """Rung after a change, for those who follow the feed."""

    def read(self, work: Callable[[Transaction], R]) -> R:
        """Return what `work` reads of the asker's tenant."""
        return self.deps.store.read(self.who.tenant, work)


def admitted(request: Request, allowed: Allowed) -> Asked:
    """Return the request as asked by somebody who may; raise Unauthenticated or Forbidden."""
    who: Principal | None = request.state.principal
    if who is None:
        raise Unauthenticated
    by = who.actor(allowed)
    if by is None:
        raise Forbidden(f"this needs the scope {' or '.join(allowed)}")
    state = request.app.state
    return Asked(state.deps, who, by, state.bell)


def read_body(raw: bytes, content_type: str, longest: int = MAX_TEXT) -> JsonValue:
    """Return a JSON body; raise WrongMediaType, Malformed or Invalid."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != JSON and not media_type.endswith("+json"):
        raise WrongMediaType
    return parse_json(raw, longest)


class StrictRequest(Request):
    """A request whose body was read strictly and checked before the framework looks at it.

    The framework checks on the event loop, but takes a value of the right model as it is.
    """

    def __init__(self, request: Request, raw: bytes, body: BaseModel) -> None:
        """Take the place of `request`."""
        super().__init__(request.scope, request.receive)
        self._raw = raw
        self._checked = body

    async def body(self) -> bytes:
        """Return the bytes."""
        return self._raw

    async def json(self) -> BaseModel:
        """Return what was read and checked."""
        return self._checked


class Guarded(APIRoute):
    """A route behind the table of scopes; one that is not in it cannot even be made."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the guard."""
        handle = super().get_route_handler()
        method = "".join(sorted(self.methods or ()))
        allowed = SCOPES[f"{method} {self.path_format}"]
        read = _reader(self.body_field.field_info.annotation) if self.body_field else None

        async def guarded(request: Request) -> Response:
            if allowed is not ANYONE:
                request.state.asked = admitted(request, allowed)
            if read is not None and (raw := await request.body()):
                media_type = request.headers.get("content-type", "")
                if len(raw) <= QUICK_BYTES:
                    body = read(raw, media_type)
                else:
                    body = await run_in_threadpool(read, raw, media_type)
                request = StrictRequest(request, raw, body)
            return await handle(request)

        return guarded


def _reader(model: Any) -> Callable[[bytes, str], BaseModel]:
    """Return what reads a body as `model`; it raises what `read_body` does, and BadFields."""
    adapter: TypeAdapter[BaseModel] = TypeAdapter(model)
    longest = getattr(model, "longest_text", MAX_TEXT)

    def read(raw: bytes, content_type: str) -> BaseModel:
        body = read_body(raw, content_type, longest)
        try:
            return adapter.validate_python(body)
        except ValidationError as error:
            causes = error.errors(include_url=False, include_input=False)
            raise BadFields(causes, of="body") from None

    return read


def _asked(request: Request) -> Asked:
    asked: Asked = request.state.asked
    return asked


Asking = Annotated[Asked, Depends(_asked)]
"""What an endpoint takes to know who asks."""

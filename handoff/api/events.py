"""The route of the feed: what changes, as it changes."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from handoff.api.asking import Asking, Guarded
from handoff.api.feed import AT_ONCE, Bell
from handoff.domain.errors import Invalid
from handoff.domain.records import Event
from handoff.services.door import Door

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=Guarded)
HEADERS = {"X-Accel-Buffering": "no"}
DIGITS = 18
LAST = 10**DIGITS - 1


@router.get("", summary="Server-sent events: ids and states, no content")
async def events(
    request: Request,
    asked: Asking,
    last_event_id: Annotated[str | None, Header(description="goes on after this one")] = None,
    after: Annotated[
        int | None, Query(ge=0, le=LAST, description="the same, for a first visit")
    ] = None,
) -> StreamingResponse:
    """Return the stream: from now on, or from after the event named; raise Overloaded."""
    bell: Bell = request.app.state.bell
    door: Door = request.app.state.door
    credential = request.state.credential
    tenant, store = asked.who.tenant, asked.deps.store

    async def look(sequence: int) -> tuple[Event, ...]:
        return await run_in_threadpool(
            store.read, tenant, lambda tx: tx.events.after(sequence, AT_ONCE)
        )

    async def allowed() -> bool:
        if door.remembered(credential) is not None:
            return True
        return await run_in_threadpool(door.recognise, credential) is not None

    def latest() -> int:
        return store.read(tenant, lambda tx: tx.events.latest())

    since = _sequence(last_event_id) if last_event_id else after
    begin = await run_in_threadpool(latest) if since is None else since
    stream = bell.stream(asked.who.identity, begin, look, allowed)
    return StreamingResponse(stream, headers=HEADERS, media_type="text/event-stream")


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise Invalid("Last-Event-ID: the id of an event")
    return int(text)

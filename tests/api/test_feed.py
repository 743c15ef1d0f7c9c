"""The feed: every change once, in order, over every interruption, for those who may read it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from handoff.api import feed
from handoff.api.feed import LOOKING, MOST_OF_ONE, Bell
from handoff.bootstrap import TENANT, Service
from handoff.domain.audit import SYSTEM
from handoff.domain.errors import Overloaded
from handoff.domain.records import Event, Scope
from handoff.services.access import revoke_key
from handoff.services.door import MEMORY, Door
from tests import fakes
from tests.api.conftest import NewKey, escalated
from tests.serving import Served


class Stream:
    """A reader of `GET /v1/events` that is there until it leaves."""

    def __init__(self, service: Service, key: str, *headers: tuple[bytes, bytes]) -> None:
        """Read with a key."""
        self._app = service.app
        self._headers = [(b"authorization", f"Bearer {key}".encode()), *headers]
        self._left = asyncio.Event()
        self.begun = asyncio.Event()
        self.status = 0
        self.text = ""

    async def read(self, until: int) -> list[dict[str, Any]]:
        """Return the events up to a sequence, then leave; all there are if the stream ends."""
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/v1/events",
            "query_string": b"",
            "headers": self._headers,
        }

        async def send(message: Any) -> None:
            self.status = message.get("status", self.status)
            self.text += message.get("body", b"").decode()
            self.begun.set()
            if f"id: {until}\n" in self.text:
                self._left.set()

        await self._app(scope, self._receive, send)
        blocks = [block for block in self.text.split("\n\n") if block.startswith("id: ")]
        return [self._event(block) for block in blocks]

    async def _receive(self) -> Any:
        await self._left.wait()
        return {"type": "http.disconnect"}

    def _event(self, block: str) -> dict[str, Any]:
        number, kind, data = (line.partition(": ")[2] for line in block.split("\n"))
        return {"id": int(number), "event": kind, **json.loads(data)}


def latest(service: Service) -> int:
    """Return the sequence of the last event."""
    return service.deps.store.read(TENANT, lambda tx: tx.events.latest())


def test_a_reader_gets_every_change_once_in_order(
    served: Served, client: httpx.Client, service: Service, new_key: NewKey
) -> None:
    """From the first event on, with ids and states, and none of the customer's words."""
    escalation_id = escalated(client)
    stream = Stream(service, new_key(), (b"last-event-id", b"0"))

    events = served.run(stream.read(2))

    assert [event["id"] for event in events[:2]] == [1, 2]
    assert events[0]["subject"] == escalation_id
    assert events[0]["data"]["state"] == "queued"
    assert "human" not in stream.text


def test_a_reader_who_was_away_goes_on_where_it_left(
    served: Served, client: httpx.Client, service: Service, new_key: NewKey
) -> None:
    """Last-Event-ID: what came since, and nothing before."""
    escalation_id = escalated(client)
    seen = latest(service)
    client.post(f"/v1/escalations/{escalation_id}/claim", json={})
    stream = Stream(service, new_key(), (b"last-event-id", str(seen).encode()))

    events = served.run(stream.read(latest(service)))

    assert events[0]["id"] == seen + 1
    assert "active" in [event["data"].get("state") for event in events]


def test_a_change_wakes_the_readers(
    served: Served, client: httpx.Client, service: Service, new_key: NewKey
) -> None:
    """A reader who is there already hears of a change when it is committed."""
    key = new_key()

    async def both() -> list[dict[str, Any]]:
        stream = Stream(service, key)
        reading = asyncio.create_task(stream.read(1))
        await stream.begun.wait()
        await asyncio.get_running_loop().run_in_executor(None, escalated, other)
        return await reading

    with httpx.Client(transport=client._transport, headers=client.headers) as other:
        other.base_url = client.base_url
        events = served.run(both())

    assert events[0]["kind"] == "escalation"


def test_a_revoked_key_ends_its_streams(served: Served, service: Service, new_key: NewKey) -> None:
    """Who may not read any more is shown out."""
    key, passed = new_key(Scope.AGENT), [0.0]
    deps, state = service.deps, service.app.state
    state.door = Door(deps.store, deps.clock, now=lambda: passed[0])
    stream = Stream(service, key)

    async def revoked() -> list[dict[str, Any]]:
        reading = asyncio.create_task(stream.read(10**9))
        await stream.begun.wait()
        deps.store.write(
            TENANT, lambda tx: revoke_key(tx, key.split("_")[1], by=SYSTEM, at=deps.clock())
        )
        passed[0] = MEMORY
        state.bell.ring()
        return await reading

    assert served.run(revoked()) == []
    assert stream.status == 200


async def _nobody(_: int) -> tuple[Event, ...]:
    return ()


async def _yes() -> bool:
    return True


async def _first(stream: AsyncIterator[bytes], count: int) -> list[bytes]:
    parts = [await anext(stream) for _ in range(count)]
    await stream.aclose()  # type: ignore[attr-defined] # it is a generator
    return parts


def test_a_quiet_feed_has_a_heartbeat() -> None:
    """Comments keep the connection alive through whatever stands between."""
    bell = Bell(look=0.001, heartbeat=0.0)

    parts = asyncio.run(_first(bell.stream("ann", 0, _nobody, _yes), 3))

    assert parts[1:] == [b": still here\n\n"] * 2


def test_a_feed_ends_when_the_service_goes_down() -> None:
    """Nobody's stream keeps the service from stopping."""
    bell = Bell()

    async def closed() -> list[bytes]:
        asyncio.get_running_loop().call_later(0.1, bell.close)
        return [part async for part in bell.stream("ann", 0, _nobody, _yes)]

    assert asyncio.run(closed()) == [b"retry: 1000\n\n"]


def test_a_feed_ends_while_the_database_is_away() -> None:
    """Without an error: its reader comes again and goes on where it was."""
    bell = Bell()

    async def away(_: int) -> tuple[Event, ...]:
        raise Overloaded

    assert asyncio.run(_all(bell.stream("ann", 0, away, _yes))) == [b"retry: 1000\n\n"]


def test_readers_are_counted_and_bounded() -> None:
    """One too many is told to come back; who left makes room."""
    bell = Bell(most=1)

    async def two() -> None:
        first = bell.stream("ann", 0, _nobody, _yes)
        await anext(first)
        with pytest.raises(Overloaded):
            bell.stream("bob", 0, _nobody, _yes)
        assert (bell.readers, bell.refused) == (1, 1)
        await first.aclose()  # type: ignore[attr-defined] # it is a generator
        await _first(bell.stream("ann", 0, _nobody, _yes), 1)

    asyncio.run(two())


def test_one_reader_may_not_take_all_feeds() -> None:
    """One more than its share is refused before an answer begins; others are let in."""
    bell = Bell()

    async def many() -> None:
        mine = [bell.stream("ann", 0, _nobody, _yes) for _ in range(MOST_OF_ONE + 1)]
        begun = [await anext(each, None) for each in mine]
        assert begun == [b"retry: 1000\n\n"] * MOST_OF_ONE + [None]
        with pytest.raises(Overloaded):
            bell.stream("ann", 0, _nobody, _yes)
        await _first(bell.stream("bob", 0, _nobody, _yes), 1)

    asyncio.run(many())


def test_a_feed_too_many_is_a_problem_not_a_broken_stream(
    served: Served, client: httpx.Client, service: Service
) -> None:
    """503 with when to come back."""
    service.app.state.bell = Bell(most=0)

    answer = client.get("/v1/events")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["code"] == "overloaded"


def test_few_feeds_look_at_once() -> None:
    """After a ring they take turns: other requests need the threads too."""
    bell, now, most = Bell(), 0, 0

    async def look(_: int) -> tuple[Event, ...]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return ()

    async def crowd() -> None:
        streams = [bell.stream(f"r{n}", 0, look, _yes) for n in range(3 * LOOKING)]
        asyncio.get_running_loop().call_later(0.2, bell.close)
        await asyncio.gather(*[_all(each) for each in streams])

    asyncio.run(crowd())

    assert most == LOOKING


async def _all(stream: AsyncIterator[bytes]) -> list[bytes]:
    return [part async for part in stream]


def test_who_was_away_for_longer_than_events_are_kept_is_told() -> None:
    """Where some were let go a `resync` stands for them; where none were, nothing does."""
    kept = (Event(9, "escalation", "e", {}, fakes.NOON),)

    async def look(after: int) -> tuple[Event, ...]:
        return kept if after < 9 else ()

    bell = Bell()
    _, missed = asyncio.run(_first(bell.stream("ann", 5, look, _yes), 2))
    _, whole = asyncio.run(_first(bell.stream("ann", 8, look, _yes), 2))

    assert missed.startswith(b"id: 8\nevent: resync\n")
    assert missed.endswith(whole)


def test_an_event_is_one_block_whatever_it_holds() -> None:
    """Line breaks in data cannot forge another event."""
    event = Event(7, "escalation", "e\n\nid: 8", {"queue": "a\r\nb"}, fakes.NOON)

    block = feed.written(event).decode()

    assert block.count("\n\n") == 1
    assert block.startswith("id: 7\nevent: escalation\ndata: {")

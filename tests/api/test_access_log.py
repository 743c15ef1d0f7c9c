"""The log in JSON: allowed fields only, and nobody's words wherever they come from."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import httpx
import pytest

from handoff import logs
from tests.api.conftest import say

CANARY = "canary-4711-zebra"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Return what the process logs as JSON."""
    stream = StringIO()
    root = logging.getLogger()
    before = root.handlers[:]
    logs.set_up("json", stream)
    yield stream
    root.handlers[:] = before
    logging.getLogger("handoff.access").setLevel(logging.NOTSET)


def test_a_request_is_a_line_without_its_path(client: httpx.Client, written: StringIO) -> None:
    """Its route, status, time and tenant."""
    say(client, CANARY, CANARY)

    (line,) = map(json.loads, written.getvalue().splitlines())
    assert line["route"] == "/v1/conversations/{conversation_id}/turns"
    assert (line["status"], line["tenant"]) == (200, "default")
    assert CANARY not in written.getvalue()


def test_no_words_reach_the_log(client: httpx.Client, written: StringIO) -> None:
    """From bodies, headers, queries, paths, bad JSON and bad fields."""
    headers = {"X-Request-Id": CANARY, "traceparent": CANARY, "Idempotency-Key": CANARY}
    client.post("/v1/escalations", content=f'{{"{CANARY}', headers=headers)
    client.post("/v1/escalations", json={"conversation_id": CANARY, CANARY: CANARY})
    client.get(f"/v1/{CANARY}", params={CANARY: CANARY})
    client.get("/v1/escalations", params={"cursor": CANARY})
    client.request(CANARY.upper(), "/v1/queues")

    assert len(written.getvalue().splitlines()) == 5
    assert CANARY not in written.getvalue().lower()


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_exception_is_its_type_and_place(written: StringIO, form: str) -> None:
    """A traceback's last line would repeat what somebody said."""
    logs.set_up(form, written)
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("handoff.x").exception("it failed", extra={"secret": CANARY})

    assert "ValueError at" in written.getvalue()
    assert CANARY not in written.getvalue()


def test_messages_of_other_libraries_are_not_shown(written: StringIO) -> None:
    """They may hold an address, a query or a body."""
    logging.getLogger("httpx").error("sent %s", CANARY)

    assert CANARY not in written.getvalue()
    assert json.loads(written.getvalue())["logger"] == "httpx"

"""Retries: what is repeated, how long, and under which key."""

import httpx
import pytest

from handoff.client import ControlLost, NotFound, Overloaded, Refused, ServerFault, Unreachable
from handoff.client.sending import Patience, asked_wait
from tests.client.script import ANSWER, Script, client, ok, problem

TURN = {"turn_id": "t1", "role": "customer", "text": "hello"}


@pytest.mark.parametrize(
    "passing",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("hung up"),
        problem(429, "overloaded"),
        problem(502, ""),
        problem(503, "overloaded"),
        problem(504, ""),
        problem(507, "storage_full"),
        problem(409, "in_progress"),
    ],
    ids=lambda step: type(step).__name__ + str(getattr(step, "status_code", "")),
)
def test_what_passes_by_itself_is_repeated(passing: httpx.Response | httpx.TransportError) -> None:
    """The same request goes out again, byte for byte, and its answer is returned."""
    script = Script([passing, ok(ANSWER)])

    answer = client(script).turn("c1", TURN)

    assert answer.action == "continue"
    first, second = script.requests
    assert (first.url, first.content) == (second.url, second.content)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 301])
def test_what_does_not_pass_is_told_at_once(status: int) -> None:
    """Repeating what was refused, or what broke the service, helps nobody."""
    script = Script([problem(status, "some_code", "so it is")])

    with pytest.raises((Refused, ServerFault)) as raised:
        client(script).turn("c1", TURN)

    assert len(script.requests) == 1
    told = raised.value
    assert (told.status, told.code, told.detail) == (status, "some_code", "so it is")


def test_the_key_is_made_once_per_call() -> None:
    """All tries of a call carry one Idempotency-Key, the next call another."""
    opened = problem(503, "overloaded")
    script = Script([opened, opened, problem(404, "not_found")])
    service = client(script)

    for _ in range(2):
        with pytest.raises(NotFound):
            service.claim("esc_1")

    keys = [request.headers["idempotency-key"] for request in script.requests]
    assert keys[0] == keys[1] == keys[2]
    assert keys[3] not in keys[:3]


def test_waits_double_up_to_a_bound_and_end() -> None:
    """A service that stays away is given up after the total, with the last cause."""
    script = Script([httpx.ConnectError("refused")])

    with pytest.raises(Unreachable, match="refused"):
        client(script, patience=Patience(total=10, first=0.5, longest=3)).turn("c1", TURN)

    assert script.waits == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_the_service_may_ask_for_a_longer_wait() -> None:
    """Retry-After is waited in full, and is not waited for where it lies past the total."""
    script = Script([problem(503, "overloaded", Retry_After="7"), ok(ANSWER)])
    client(script).turn("c1", TURN)

    too_late = Script([problem(503, "overloaded", Retry_After="700")])
    with pytest.raises(Overloaded):
        client(too_late).turn("c1", TURN)

    assert script.waits == [7.0]
    assert len(too_late.requests) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "12"}, 12.0),
        ({"Retry-After": "soon"}, None),
        (
            {
                "Retry-After": "Mon, 04 May 2026 12:00:30 GMT",
                "Date": "Mon, 04 May 2026 12:00:00 GMT",
            },
            30.0,
        ),
        ({"Retry-After": "Mon, 04 May 2026 12:00:30 GMT"}, 0.0),
        (
            {
                "Retry-After": "Mon, 04 May 2026 12:00:30 GMT",
                "Date": "Mon, 04 May 2026 12:00:00 -0000",
            },
            30.0,
        ),
        ({"Retry-After": "9", "Date": "nonsense"}, 9.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    """A date is measured against the answer's own, so that our clock may be wrong."""
    assert asked_wait(httpx.Response(503, headers=headers)) == seconds


def test_a_bot_that_lost_the_floor_is_told_so() -> None:
    """The one conflict a runtime must handle has its own kind."""
    script = Script([problem(409, "control_lost", "ann has the floor")])

    with pytest.raises(ControlLost, match="ann has the floor"):
        client(script).turn("c1", {**TURN, "role": "bot"}, epoch=1)

    assert script.bodies() == [{**TURN, "role": "bot", "epoch": 1}]


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"\xff", b'{"detail": null}'])
def test_an_error_that_is_no_problem_of_ours_still_reads_well(body: bytes) -> None:
    """A proxy's page is not shown, its status is."""
    script = Script([httpx.Response(500, content=body)])

    with pytest.raises(ServerFault, match="the service answered 500"):
        client(script).escalation("esc_1")


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"{}"])
def test_a_success_that_is_not_ours_is_a_fault(body: bytes) -> None:
    """A wrong address that answers 200 does not surface as a type error."""
    script = Script([httpx.Response(200, content=body)])

    with pytest.raises(ServerFault, match="is the address right"):
        client(script).turn("c1", TURN)

"""The client's calls: paths, bodies, pages and the feed."""

import httpx
import pytest
from pydantic import JsonValue

from handoff import Turn
from handoff.client import Forbidden
from tests.client.script import ANSWER, Script, client, ok, problem, stream

ESCALATION: dict[str, JsonValue] = {
    "escalation_id": "esc_1",
    "conversation_id": "c1",
    "state": "queued",
    "version": 1,
    "queue": "general",
    "priority": 3,
    "reason_code": "policy",
    "opener": "detector",
    "channel": "chat",
    "card_version": 1,
    "opened_at": "2026-05-04T12:00:00Z",
    "queued_at": "2026-05-04T12:00:00Z",
}


def delivery(number: int) -> dict[str, JsonValue]:
    """Return a delivery as it is listed."""
    return {
        "delivery_id": f"dlv_{number}",
        "escalation_id": "esc_1",
        "connector": "desk",
        "event": "opened",
        "state": "confirmed",
        "attempts": 1,
        "card_version": 1,
    }


def test_a_turn_is_sent_with_what_it_says_and_nothing_else() -> None:
    """Defaults stay away, so that what is stored is what was known."""
    script = Script([ok(ANSWER)])
    turn = Turn(turn_id="t1", role="customer", text="hello", confidence=0.5)

    client(script).turn("c1", turn, channel="voice", attributes={"tier": "gold"})

    assert script.bodies() == [
        {
            "turn_id": "t1",
            "role": "customer",
            "text": "hello",
            "confidence": 0.5,
            "conversation": {"channel": "voice", "attributes": {"tier": "gold"}},
        }
    ]


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    """Ids are foreign text: a slash or a dot in one never reaches another resource."""
    script = Script([ok(ANSWER)])

    client(script).turn("../keys?x=1#", {"turn_id": "t1", "role": "bot"})

    assert script.requests[0].url.raw_path == b"/v1/conversations/..%2Fkeys%3Fx%3D1%23/turns"


def test_the_key_goes_with_every_request() -> None:
    """Each request carries the API key as a bearer token."""
    script = Script([ok(ESCALATION)])

    client(script).escalation("esc_1")

    assert script.requests[0].headers["authorization"] == "Bearer key"


def test_a_version_guards_a_move() -> None:
    """`version` becomes If-Match."""
    script = Script([ok(ESCALATION)])

    claimed = client(script).claim("esc_1", version=4)

    assert script.requests[0].headers["if-match"] == '"4"'
    assert claimed.state == "queued"


def test_listings_go_on_over_pages() -> None:
    """Pages are asked for one after another, each by the cursor of the one before."""
    script = Script(
        [
            ok({"items": [delivery(1), delivery(2)], "cursor": "next"}),
            ok({"items": [delivery(3)], "cursor": None}),
        ]
    )

    found = [d.delivery_id for d in client(script).deliveries(state="confirmed")]

    assert found == ["dlv_1", "dlv_2", "dlv_3"]
    assert [dict(r.url.params).get("cursor") for r in script.requests] == [None, "next"]
    assert script.requests[1].url.params["state"] == "confirmed"


def test_a_card_comes_as_data_or_as_text() -> None:
    """JSON is parsed, every other form is text."""
    script = Script([ok({"headline": "x"}), httpx.Response(200, text="CARD")])
    service = client(script)

    assert service.card("esc_1") == {"headline": "x"}
    assert service.card("esc_1", "text") == "CARD"
    assert script.requests[1].url.params["format"] == "text"


def test_the_feed_resumes_after_the_last_change_seen() -> None:
    """Interrupted, it goes on where it stopped; comments and strange events are passed over."""
    said = 'data: {"kind": "escalation", "subject": "esc_1", "data": {"state": "queued"}}'
    script = Script(
        [
            stream(": hello", "", "id: 7", "event: escalation", said, "", "id: 8", said),
            httpx.ConnectError("refused"),
            problem(503, "overloaded"),
            stream("id: x", said, "", "id: 8", said, ""),
        ]
    )

    feed = client(script).events(after=6)
    seen = [next(feed).sequence, next(feed).sequence]

    assert seen == [7, 8]
    resumed = [request.headers["last-event-id"] for request in script.requests]
    assert resumed == ["6", "7", "7", "7"]


def test_a_refused_feed_is_told() -> None:
    """A key without the scope does not wait forever."""
    script = Script([problem(403, "forbidden", "needs supervisor")])

    with pytest.raises(Forbidden, match="needs supervisor"):
        next(client(script).events())

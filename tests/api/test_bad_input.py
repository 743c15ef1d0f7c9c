"""Bad input: each kind gets a clear refusal, nothing is lost, and nothing ends in a 500."""

import json
import threading

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from handoff.api import asking
from handoff.api.asking import QUICK_BYTES
from handoff.api.body import parse_json
from handoff.api.edge import LARGEST
from handoff.api.turns import TurnBody
from handoff.domain.turn import Input, Role
from tests.api.conftest import escalated, say

TURNS = "/v1/conversations/c1/turns"
TURN = {"turn_id": "t", "role": "customer", "text": "hi"}
JSON = {"Content-Type": "application/json"}


def sent(client: httpx.Client, path: str, body: bytes) -> httpx.Response:
    """Post bytes as they are."""
    return client.post(path, content=body, headers=JSON)


RAW = {
    "invalid UTF-8": (b'{"turn_id":"t","role":"customer","text":"\xff"}', 400, "UTF-8"),
    "half an object": (b'{"turn_id":', 400, "line 1 column"),
    "lone surrogate": (b'{"turn_id":"t","role":"customer","text":"\\ud800"}', 422, "/text"),
    "NUL": (b'{"turn_id":"t\\u0000","role":"customer"}', 422, "/turn_id"),
    "nesting of 1,000": (b'{"slots":' + b"[" * 1000 + b"]" * 1000 + b"}", 422, "deeper"),
    "NaN": (b'{"turn_id":"t","role":"customer","confidence":NaN}', 422, "/confidence"),
    "1e999": (b'{"turn_id":"t","role":"customer","slots":{"x":1e999}}', 422, "/slots/x"),
    "duplicate keys": (b'{"turn_id":"t","turn_id":"u","role":"customer"}', 422, "/turn_id"),
    "an unknown field": (b'{"turn_id":"t","role":"customer","txt":"hi"}', 422, "txt"),
    "an unknown role": (b'{"turn_id":"t","role":"agent"}', 422, "role"),
    "no object": (b"[]", 422, "body"),
    "nothing": (b"", 400, "not JSON"),
    "an unknown field beside": (
        b'{"turn_id":"t","role":"customer","conversation":{"jobb":"x"}}',
        422,
        "conversation/jobb",
    ),
    "text too long": (json.dumps({**TURN, "text": "x" * 64_001}).encode(), 422, "text"),
    "10 MB": (b" " * 10_000_000, 413, str(LARGEST)),
}


@pytest.mark.parametrize("path", [TURNS, "/v1/escalations"])
@pytest.mark.parametrize(("body", "status", "told"), RAW.values(), ids=RAW)
def test_a_bad_body_is_refused_and_named(
    client: httpx.Client, path: str, body: bytes, status: int, told: str
) -> None:
    """The turn route and the framework's routes refuse alike, as problem details."""
    answer = sent(client, path, body)

    assert answer.status_code in ((status,) if path == TURNS else (400, 413, 422))
    assert answer.headers["content-type"] == "application/problem+json"
    assert path != TURNS or told in answer.json()["detail"]


def test_after_a_refusal_nothing_is_stored_and_the_next_turn_is_taken(
    client: httpx.Client,
) -> None:
    """A refused body leaves no trace."""
    for body, _, _ in RAW.values():
        sent(client, TURNS, body)

    assert client.get(TURNS).status_code == 404
    assert say(client, "hi").json()["turn_index"] == 0


def test_unknown_fields_are_named_wherever_they_stand(client: httpx.Client) -> None:
    """`errors` lists the place and the cause."""
    body = {**TURN, "txt": "x", "tool_call": {"name": "n", "args": {}}}

    problem = client.post(TURNS, json=body).json()

    assert problem["code"] == "bad_fields"
    assert [error["loc"] for error in problem["errors"]] == [
        ["body", "tool_call", "args"],
        ["body", "txt"],
    ]


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_sent_as_json_is_refused(client: httpx.Client, media_type: str) -> None:
    """415: a form of another site could be sent as one of these without asking us first."""
    headers = {"Content-Type": media_type}

    answers = [
        client.post(path, content=json.dumps(TURN).encode(), headers=headers)
        for path in (TURNS, "/v1/escalations")
    ]

    assert [answer.status_code for answer in answers] == [415, 415]


def test_a_turn_id_with_other_text_is_a_conflict(client: httpx.Client) -> None:
    """409, and the first text stays; the same turn again gets its first answer."""
    first = say(client, "one", turn_id="t")

    other = say(client, "two", turn_id="t")
    again = say(client, "one", turn_id="t")

    assert (other.status_code, other.json()["code"]) == (409, "turn_conflict")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert [turn["text"] for turn in client.get(TURNS).json()["items"]] == ["one"]


@pytest.mark.parametrize("name", ["", "%00", "a%0Ab", "x" * 201])
def test_a_conversation_id_must_be_visible(client: httpx.Client, name: str) -> None:
    """An empty id, a control character or too many characters are refused."""
    answer = client.post(f"/v1/conversations/{name}/turns", json=TURN)

    assert answer.status_code in (404, 422)


def test_any_other_character_may_stand_in_a_conversation_id(client: httpx.Client) -> None:
    """A slash, a question mark, an umlaut: quoted in the path they are what they are."""
    answer = client.post("/v1/conversations/a%2Fb%3Fc%20%C3%BC/turns", json=TURN)
    floor = client.get("/v1/conversations/a%2Fb%3Fc%20%C3%BC/control")

    assert answer.json()["conversation_id"] == "a/b?c ü"
    assert floor.status_code == 200


CARD = "4111-1111-1111-1111"
WRONG = [
    ("GET", f"/v1/events?after={2**63}", None),
    ("GET", f"/v1/conversations/{CARD}/turns", None),
    ("POST", f"/v1/conversations/{CARD}/turns", TURN),
    ("POST", TURNS, {**TURN, "turn_id": CARD}),
    ("POST", TURNS, {**TURN, "tool_call": {"name": "n", "call_id": CARD}}),
    ("POST", TURNS, {**TURN, "index": 10**9 + 1}),
    ("POST", TURNS, {**TURN, "at": "2026-01-01T00:00:00"}),
    ("POST", TURNS, {**TURN, "at": "0001-01-01T00:00:00+14:00"}),
    ("POST", TURNS, {**TURN, "at": "9999-12-31T23:59:59Z"}),
    ("POST", TURNS, {**TURN, "nbest": ["x" * 2_001]}),
    ("POST", TURNS, {**TURN, "slots": {"a": ["x" * 64_001]}}),
    ("POST", "/v1/escalations", {"conversation_id": CARD}),
    ("POST", "/v1/escalations", {"conversation_id": "c", "transcript": [{**TURN, "index": 2**53}]}),
    ("POST", "/v1/conversations/c1/feedback", {"about": {"a": "x" * 64_001}}),
    ("GET", "/v1/escalations?state=asleep", None),
    ("GET", "/v1/escalations?limit=0", None),
    ("GET", "/v1/escalations?cursor=abc", None),
    ("GET", "/v1/escalations?since=2026-01-01T00:00:00", None),
    ("GET", "/v1/escalations?since=0001-01-01T00:00:00%2B14:00", None),
    ("GET", "/v1/escalations?qeue=general", None),
    ("GET", "/v1/audit?cursor=%F0", None),
    ("GET", f"/v1/conversations/c1/turns?after={10**30}x", None),
    ("GET", "/v1/reports/transfers?format=pdf", None),
    ("POST", "/v1/escalations", {"conversation_id": "c", "reason_code": "boredom"}),
    ("POST", "/v1/escalations", {"conversation_id": "c", "tool": {"name": "rm"}}),
    ("POST", "/v1/escalations", {"conversation_id": "c", "priority": 0}),
    ("POST", "/v1/conversations/c1/end", {"by": "nobody"}),
    ("POST", "/v1/conversations/c1/control", {"holder": "human"}),
    ("PUT", "/v1/me/presence", {"status": "asleep"}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRONG)
def test_a_wrong_value_is_refused(
    client: httpx.Client, method: str, path: str, body: dict[str, object] | None
) -> None:
    """422 with a cause, for parameters and bodies alike."""
    answer = client.request(method, path, json=body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("transfer", {"queue": "no such"}),
        ("defer", {"contact_at": "2001-01-01T00:00:00Z"}),
        ("defer", {"contact_at": "9999-12-31T23:59:59-23:59"}),
        ("legs", {"leg_id": "l", "state": "singing"}),
        ("legs", {"leg_id": "4111-1111-1111-1111", "state": "ringing"}),
        ("return", {"brief": {"done": "x" * 16_384}}),
        ("note", {"text": ""}),
        ("claim", {"version": 1, "who": "me"}),
        ("dispose", {"outcome": "fine"}),
    ],
)
def test_a_wrong_move_is_refused(client: httpx.Client, verb: str, body: dict[str, object]) -> None:
    """422, and the escalation stays as it was."""
    escalation = f"/v1/escalations/{escalated(client)}"
    before = client.get(escalation).json()

    answer = client.post(f"{escalation}/{verb}", json=body)

    assert answer.status_code == 422, answer.text
    assert client.get(escalation).json() == before


def test_the_highest_index_leaves_room_for_what_follows(client: httpx.Client) -> None:
    """Turns numbered by order of arrival after it can be read like all others."""
    say(client, "one", index=10**9)
    say(client, "two")

    items = client.get(TURNS).json()["items"]

    assert [item["index"] for item in items] == [10**9, 10**9 + 1]


def test_masks_longer_than_the_code_fit_their_fields(client: httpx.Client) -> None:
    """What masking lengthens is cut: the conversation can be escalated and read."""
    codes = ("cvv 123 " * 25).strip()
    about = {"customer_key": codes, "job": codes, "channel": codes[:47], "language": codes[:31]}
    say(client, "hi", conversation=about)

    escalation = escalated(client)
    client.post(f"/v1/escalations/{escalation}/claim", json={})
    said = {"text": "cvv 123 " * 8_000}
    answer = client.post(f"/v1/escalations/{escalation}/messages", json=said)

    assert answer.status_code == 200
    assert client.get(f"/v1/escalations/{escalation}/card").status_code == 200
    assert len(client.get(TURNS).json()["items"][-1]["text"]) == 64_000


def test_large_bodies_are_checked_like_small_ones(client: httpx.Client) -> None:
    """In a thread, with the same answers."""
    much = {"about": {f"k{n}": "x" * 1_000 for n in range(100)}, "text": "x"}
    path = "/v1/conversations/c1/feedback"
    say(client, "x" * 60_000, turn_id="t", slots={"a": "y" * 60_000})

    kept = client.post(path, json=much)
    refused = client.post(path, json={**much, "txt": "x"})

    assert client.get(TURNS).json()["items"][0]["slots"] == {"a": "y" * 60_000}
    assert kept.status_code == 201
    assert refused.json()["errors"][0]["loc"] == ["body", "txt"]


def test_large_bodies_are_not_read_on_the_event_loop(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever reading, checking and masking take, others are answered meanwhile."""
    threads: dict[str, int] = {}

    def noted(raw: bytes, longest: int) -> JsonValue:
        threads["large" if len(raw) > QUICK_BYTES else "small"] = threading.get_ident()
        return parse_json(raw, longest)

    monkeypatch.setattr(asking, "parse_json", noted)
    for path in (TURNS, "/v1/escalations"):
        threads.clear()
        client.post(path, json={"conversation_id": "c", "x": "y"})
        client.post(path, json={"conversation_id": "c", "x": "y" * QUICK_BYTES})

        assert threads["small"] != threads["large"]


def test_wrong_words_in_headers_are_refused(client: httpx.Client) -> None:
    """An unusable Idempotency-Key, If-Match or Last-Event-ID is named."""
    escalation = f"/v1/escalations/{escalated(client)}/claim"

    answers = [
        client.post(escalation, json={}, headers={"Idempotency-Key": "x" * 256}),
        client.post(escalation, json={}, headers={"Idempotency-Key": '""'}),
        client.post(escalation, json={}, headers={"If-Match": '"three"'}),
        client.get("/v1/events", headers={"Last-Event-ID": b"\xb2"}),
    ]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert "Idempotency-Key" in answers[0].json()["detail"]


WORDS = st.text(max_size=40)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(WORDS, below, max_size=3),
    max_leaves=8,
)
FACTS = st.dictionaries(WORDS, VALUES, max_size=3)
NAMES = st.text("abc é\u200b/", min_size=1, max_size=5)
SENTENCES = st.sampled_from(
    ["I want a human", "no", "4111 1111 1111 1111", "on 3 May at 10:30", "my id is AB-1234"]
)
GOOD = st.fixed_dictionaries(
    {"turn_id": NAMES, "role": st.sampled_from([*Role]), "text": SENTENCES | WORDS},
    optional={
        "index": st.integers(0, 5),
        "at": st.datetimes(timezones=st.none() | st.timezones()).map(str),
        "heard": SENTENCES | WORDS,
        "input": st.sampled_from([*Input]),
        "intent": WORDS,
        "confidence": st.floats(0, 1),
        "nbest": st.lists(WORDS, max_size=3),
        "revision": st.integers(0, 3),
        "final": st.booleans(),
        "secure_capture": st.booleans(),
        "slots": FACTS,
        "tool_call": st.fixed_dictionaries(
            {"name": NAMES, "arguments": FACTS},
            optional={"ok": st.booleans() | st.none(), "result": VALUES},
        ),
        "conversation": st.fixed_dictionaries(
            {},
            optional={
                "job": NAMES,
                "channel": st.sampled_from(["chat", "voice"]),
                "customer_key": NAMES,
                "attributes": FACTS,
            },
        ),
        "epoch": st.integers(0, 3),
    },
)
ODD = st.dictionaries(st.sampled_from([*TurnBody.model_fields]), VALUES | st.floats(), max_size=1)
TURNS_OF_ALL_KINDS = st.builds(lambda good, odd: {**good, **odd}, GOOD, ODD)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(TURNS_OF_ALL_KINDS, st.sampled_from(["f1", "f2", "f3"]))
def test_no_turn_makes_the_service_fail(
    client: httpx.Client, body: dict[str, object], name: str
) -> None:
    """Whatever stands in a turn, in whatever conversation: no answer is a 5xx."""
    raw = json.dumps(body).encode()

    answer = sent(client, f"/v1/conversations/{name}/turns", raw)

    assert answer.status_code in (200, 409, 422), (answer.status_code, answer.text)

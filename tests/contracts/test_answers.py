"""What every connector over HTTP makes of each answer, and of each kind of callback."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from handoff.domain.connector import Callback
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated
from tests.contracts.rigs import RIGS, Rig
from tests.parcels import NOW, parcel
from tests.receiver import Answer, Drip, Receiver, plain, raw

LOCAL = {"desk", "outbox_dir"}
"""Connectors that call nobody."""
GARBAGE = (b"<html>", b"", b"[]", b"null", b'"ok"', b"{", b"[" * 9_999, b"\xff\xfe", b'{"ok":true}')


@pytest.fixture(params=sorted(set(RIGS) - LOCAL))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Each connector over HTTP in turn, working."""
    with RIGS[request.param](tmp_path / "out") as rig:
        yield rig


def peer_of(rig: Rig) -> Receiver:
    """Return whom a connector calls."""
    if rig.peer is None:
        pytest.skip("it does not call over HTTP: its own tests try its answers")
    return rig.peer


def signed(rig: Rig, body: bytes) -> Callback:
    """Return a body as the other side signs it."""
    if rig.sign is None:
        pytest.skip("nobody calls back")
    return rig.sign(body, NOW)


def failure(rig: Rig, answer: Answer) -> ConnectorError:
    """Return the error that an opening ends with where the other side answers so."""
    peer_of(rig).answer = answer
    with pytest.raises(ConnectorError) as caught:
        rig.connector.deliver(parcel())
    return caught.value


@pytest.mark.parametrize("status", ["401 No", "403 Forbidden"])
def test_an_account_that_is_turned_away_rests(rig: Rig, status: str) -> None:
    """Repeating cannot help: a person looks."""
    error = failure(rig, plain(status))

    assert (error.retryable, error.unknown, error.pause) == (False, False, True)


@pytest.mark.parametrize("status", ["400 Bad", "404 Not Found", "410 Gone", "422 Unprocessable"])
def test_what_is_wrong_with_one_is_refused(rig: Rig, status: str) -> None:
    """It is visible, and not sent again."""
    error = failure(rig, plain(status))

    assert (error.retryable, error.unknown) == (False, False)


def test_a_conflict_is_refused_or_repeated(rig: Rig) -> None:
    """By what it means over there; it is never a confirmation nor an unknown outcome."""
    assert not failure(rig, plain("409 Conflict")).unknown


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 42", 42),
        ("Retry-After: " + format_datetime(NOW + timedelta(seconds=60), usegmt=True), 60),
        ("Retry-After: " + format_datetime(NOW - timedelta(days=9), usegmt=True), 0),
        ("X-None: 1", None),
        ("Retry-After: -5", None),
        ("Retry-After: soon", None),
        ("Retry-After: 1e9", None),
        ("Retry-After: " + "9" * 500, 999_999_999),
        ("Retry-After: Fri, 99 Foo 99999 99:99:99 GMT", None),
    ],
)
def test_who_asks_us_to_wait_is_believed(rig: Rig, header: str, seconds: float | None) -> None:
    """Seconds, a date or nothing; what is none of them is ignored."""
    error = failure(rig, plain("429 Slow down", header))

    assert (error.retryable, error.unknown, error.retry_after) == (True, False, seconds)


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Busy", "504 Late"])
def test_a_failing_server_is_asked_again(rig: Rig, status: str) -> None:
    """By its key where it drops repeats, else once it was looked up."""
    error = failure(rig, plain(status))

    assert error.retryable
    assert error.unknown is not rig.repeats


@pytest.mark.parametrize("answer", [Drip, lambda: raw(b""), lambda: raw(b"hello\r\n\r\n")])
def test_an_answer_that_does_not_come_leaves_it_unknown(
    rig: Rig, answer: Callable[[], Answer]
) -> None:
    """The other side may have acted on it."""
    if "webhook" in type(rig.connector).__module__ and answer is Drip:
        pytest.skip("its deadline is tried in its own tests")

    assert failure(rig, answer()).unknown


@pytest.mark.parametrize("body", GARBAGE)
def test_a_2xx_that_says_nothing_confirms_nothing(rig: Rig, body: bytes) -> None:
    """Where the vendor documents an answer, another one is an unknown outcome."""
    if rig.repeats:
        pytest.skip("any 2xx confirms a webhook")

    assert failure(rig, plain(body=body)).unknown


def test_an_unknown_opening_that_arrived_is_found(rig: Rig) -> None:
    """The connection broke after the other side did it: it is not done twice."""
    peer = peer_of(rig)
    works = peer.answer

    def broken(request: object) -> Iterator[bytes]:
        list(works(request))  # type: ignore[arg-type] # what the receiver gives
        yield b""

    assert failure(rig, broken).unknown
    peer.answer = works

    try:
        found = rig.connector.look_up(parcel())
    except ConnectorError:  # a receiver that cannot be asked
        found = None
    receipt = found or rig.connector.deliver(parcel(attempt=2))

    assert receipt.reference
    assert rig.received() == 1


def test_an_unknown_opening_that_never_arrived_is_not_found(rig: Rig) -> None:
    """None means no: it is sent again."""
    if rig.repeats:
        pytest.skip("a receiver that drops repeats need not be asked")

    assert rig.connector.look_up(parcel()) is None


@pytest.mark.parametrize("event", ["updated", "changed", "withdrawn", "closed"])
def test_later_events_change_the_same_thing(rig: Rig, event: str) -> None:
    """By the reference that was kept."""
    opened = rig.connector.deliver(parcel())

    later = rig.connector.deliver(replace(parcel("dlv_2", event), reference=opened.reference))

    assert rig.repeats or later == opened


def good(rig: Rig) -> Callback:
    """Return a callback that says one thing."""
    return signed(rig, rig.saying)


def test_a_good_callback_is_understood_and_its_repeat_has_the_same_id(rig: Rig) -> None:
    """Whoever keeps ids does it once."""
    first, again = rig.connector.understand(good(rig)), rig.connector.understand(good(rig))

    assert [said.escalation_id or said.conversation_id for said in first] == [rig.about]
    assert [said.event_id for said in first] == [said.event_id for said in again]


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stale_callback_is_forged(rig: Rig, minutes: int) -> None:
    """Signed long ago, or in the future."""
    if rig.keyed:
        pytest.skip("a key has no time")
    if "time" not in rig.seals:
        pytest.skip("the other side does not sign when it said it")
    stale = replace(good(rig), at=NOW + timedelta(minutes=minutes))

    with pytest.raises(Unauthenticated):
        rig.connector.understand(stale)


def test_a_changed_body_is_forged(rig: Rig) -> None:
    """One byte is enough."""
    if rig.keyed:
        pytest.skip("a key signs no body")
    if "body" not in rig.seals:
        pytest.skip("the other side does not sign what it said")
    genuine = good(rig)

    with pytest.raises(Unauthenticated):
        rig.connector.understand(replace(genuine, body=genuine.body + b" "))


@pytest.mark.parametrize(
    "value", ["", "é", "\ud800", "9" * 400, "-1", "1e5", "v0=", "v0=é", "2026-11-23", " ", "nan"]
)
def test_malformed_headers_are_a_forgery_and_no_error(rig: Rig, value: str) -> None:
    """Each header of a good callback in turn, replaced by what it never is."""
    genuine = good(rig)

    for name in genuine.headers:
        if name == "webhook-id":
            continue
        with pytest.raises(Unauthenticated):
            rig.connector.understand(replace(genuine, headers=genuine.headers | {name: value}))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"1", b"[" * 9_999, b'{"type": 7}', b"payload=", b'{"a":1}']
)
def test_a_signed_body_that_makes_no_sense_is_malformed(rig: Rig, body: bytes) -> None:
    """A good signature does not make sense of it."""
    callback = signed(rig, body)

    with pytest.raises(Invalid):
        rig.connector.understand(callback)


def test_what_is_said_survives_any_shape_of_its_parts(rig: Rig) -> None:
    """Each field in turn becomes another type: understood, or malformed, and nothing else."""
    text = rig.saying.decode()
    for piece in ("esc_1", "type", "7", "U1", "event", "data", "actions"):
        for other in ("", "x" * 5_000, "\\u0000"):
            body = text.replace(piece, other).encode()
            try:
                rig.connector.understand(signed(rig, body))
            except (Invalid, Unauthenticated):
                continue


def test_the_vectors_are_json_forms_or_mails(rig: Rig) -> None:
    """The rig's own body is one that the other side could send."""
    known = rig.sign is None or rig.saying.startswith(b"From: ")
    assert known or parse_qsl(rig.saying.decode()) or json.loads(rig.saying)

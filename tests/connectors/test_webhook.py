"""The webhook connector: Standard Webhooks both ways, and the table of answers."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from pydantic import JsonValue, SecretStr, ValidationError
from standardwebhooks import Webhook as Official
from standardwebhooks import WebhookVerificationError

from connectors.webhook import Webhook
from connectors.webhook.bodies import BODY_LIMIT
from connectors.webhook.keys import Keys, private, public
from handoff.domain.connector import Callback, Said
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated
from handoff.domain.signatures import TOLERANCE
from handoff.domain.standard_webhooks import key_of, signature
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Drip, Receiver, plain, raw

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CLAIM = {
    "type": "escalation.claim",
    "data": {"escalation_id": "esc_1", "by": "Zoë", "future_field": [1]},
}


@pytest.fixture
def outbound() -> Iterator[GuardedClient]:
    """The way out, as in development."""
    with closing(GuardedClient(allow_loopback=True)) as client:
        yield client


def made(
    outbound: GuardedClient, url: str = "http://127.0.0.1:9/", deadline: float = 5.0, **more: str
) -> Webhook:
    """Return the connector; `more` are further settings."""
    told = {"url": url, "secret": SECRET, "deadline": deadline, **more}
    config = Webhook.Config.model_validate(told)
    return Webhook(config, outbound)


def signed(body: bytes, *, at: datetime = NOW, **other: str) -> Callback:
    """Return a callback signed by the official library; `other` replaces headers."""
    signature = Official(SECRET).sign("msg_1", at, body.decode())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    return Callback(headers | {f"webhook-{key}": value for key, value in other.items()}, body, NOW)


def failure(outbound: GuardedClient, receiver: Receiver, deadline: float = 5.0) -> ConnectorError:
    """Return the error that a delivery to this receiver ends with."""
    with receiver, pytest.raises(ConnectorError) as caught:
        made(outbound, receiver.url, deadline).deliver(parcel())
    return caught.value


def vectors() -> dict[str, JsonValue]:
    """Return the published test vectors."""
    shared = Path(__file__).parents[2] / os.environ.get("SHARED", "../shared")
    path = shared / "specs" / "standard-webhooks.vectors.json"
    if not path.is_file():
        pytest.skip(f"no test vectors at {path}")
    loaded: dict[str, JsonValue] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def test_the_official_library_verifies_what_we_send(outbound: GuardedClient) -> None:
    """Bytes signed are bytes sent, with the delivery id as the message id."""
    now = datetime.now(UTC)

    with Receiver() as receiver:
        receipt = made(outbound, receiver.url).deliver(parcel(at=now))

    sent = receiver.ledger[0]
    told = Official(SECRET).verify(sent.body, sent.headers)
    assert receipt.reference == sent.headers["webhook-id"] == "dlv_1"
    assert told["type"] == "escalation.opened"
    assert told["data"]["escalation"]["escalation_id"] == "esc_1"
    assert told["data"]["card"]["schema"] == "handoff-card/1"


def test_a_repeat_has_the_same_id_and_a_new_timestamp(outbound: GuardedClient) -> None:
    """The receiver can drop the repeat, and cannot mistake it for a replay."""
    with Receiver() as receiver:
        made(outbound, receiver.url).deliver(parcel())
        made(outbound, receiver.url).deliver(parcel(at=NOW + timedelta(seconds=5)))

    stamps = {request.headers["webhook-timestamp"] for request in receiver.ledger}
    assert receiver.ids() == ["dlv_1", "dlv_1"]
    assert len(stamps) == 2


def test_a_card_that_is_too_long_stays_behind_its_link(outbound: GuardedClient) -> None:
    """A body is never cut in the middle: the card goes missing whole, and the link leads to it."""
    usual = parcel()
    long = usual.card.model_copy(update={"next_step": "x" * BODY_LIMIT})

    with Receiver() as receiver:
        made(outbound, receiver.url).deliver(replace(usual, card=long))

    data = json.loads(receiver.ledger[0].body)["data"]
    assert data["card"] is None
    assert data["card_url"]


@pytest.mark.parametrize(
    ("status", "retryable", "pause"),
    [
        ("301 Moved", True, False),
        ("400 Bad Request", False, False),
        ("401 Unauthorized", False, True),
        ("403 Forbidden", False, True),
        ("404 Not Found", False, False),
        ("408 Request Timeout", True, False),
        ("410 Gone", False, True),
        ("422 Unprocessable", False, False),
        ("425 Too Early", True, False),
        ("429 Too Many Requests", True, False),
        ("500 Oops", True, False),
        ("502 Bad Gateway", True, False),
        ("503 Unavailable", True, False),
        ("504 Timeout", True, False),
    ],
)
def test_each_status_has_its_meaning(
    outbound: GuardedClient, status: str, *, retryable: bool, pause: bool
) -> None:
    """Only 2xx confirms; an answer, whatever it says, is never an unknown outcome."""
    error = failure(outbound, Receiver(plain(status)))

    assert (error.retryable, error.pause, error.unknown) == (retryable, pause, False)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_confirms(outbound: GuardedClient, status: int) -> None:
    """Whatever the body, the receiver has it."""
    with Receiver(plain(f"{status} Fine", body=b"<html>")) as receiver:
        receipt = made(outbound, receiver.url).deliver(parcel())

    assert receipt.reference == "dlv_1"


def test_retry_after_is_passed_on(outbound: GuardedClient) -> None:
    """A receiver that says when to come back is believed."""
    error = failure(outbound, Receiver(plain("429 Slow down", "Retry-After: 42")))

    assert error.retry_after == 42


def test_an_answer_that_never_ends_is_an_unknown_outcome(outbound: GuardedClient) -> None:
    """The receiver has the message and may have acted on it."""
    assert failure(outbound, Receiver(Drip()), deadline=0.3).unknown


def test_an_answer_that_is_no_http_is_an_unknown_outcome(outbound: GuardedClient) -> None:
    """A garbage status line confirms nothing and refuses nothing."""
    assert failure(outbound, Receiver(raw(b"hello\r\n\r\n"))).unknown


def test_a_signed_callback_is_understood(outbound: GuardedClient) -> None:
    """A claim becomes a verb on the escalation; unknown fields are ignored."""
    said = made(outbound).understand(signed(json.dumps(CLAIM).encode()))

    assert said == (Said("msg_1", "claim", "esc_1", "Zoë", {}),)


def test_a_return_carries_its_brief(outbound: GuardedClient) -> None:
    """What the human did and promised arrives as details, without NUL."""
    data = {"escalation_id": "esc_1", "by": "Ana", "brief": {"done": ["refund\0 12"], "ok": True}}
    body = json.dumps({"type": "escalation.return", "data": data}).encode()

    (said,) = made(outbound).understand(signed(body))

    assert said.verb == "return"
    assert said.details == {"brief": {"done": ["refund 12"], "ok": True}}


def test_a_body_that_was_changed_is_forged(outbound: GuardedClient) -> None:
    """One byte is enough."""
    genuine = signed(json.dumps(CLAIM).encode())
    changed = Callback(genuine.headers, genuine.body.replace(b"esc_1", b"esc_2"), NOW)

    with pytest.raises(Unauthenticated):
        made(outbound).understand(changed)


def test_our_own_message_sent_back_says_nothing(outbound: GuardedClient) -> None:
    """The secret is shared both ways; what we send is no verb of the receiver's."""
    with Receiver() as receiver:
        made(outbound, receiver.url).deliver(parcel())
    echo = Callback(receiver.ledger[0].headers, receiver.ledger[0].body, NOW)

    with pytest.raises(Invalid):
        made(outbound).understand(echo)


@pytest.mark.parametrize("seconds", [-TOLERANCE - 1, TOLERANCE + 1])
def test_a_stale_callback_is_refused(outbound: GuardedClient, seconds: int) -> None:
    """What was signed five minutes away from now is a replay or a wrong clock."""
    stale = signed(json.dumps(CLAIM).encode(), at=NOW + timedelta(seconds=seconds))

    with pytest.raises(Unauthenticated, match="timestamp"):
        made(outbound).understand(stale)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "x",
        "v1",
        "v1,",
        ",",
        "v1,é",
        "v1,\ud800",
        "v1," + "A" * 9_999,
        "v1,*** v2 v1,=",
        " " * 99,
    ],
)
def test_a_malformed_signature_is_a_forgery_and_no_error(
    outbound: GuardedClient, header: str
) -> None:
    """Hostile headers end as Unauthenticated."""
    with pytest.raises(Unauthenticated):
        made(outbound).understand(signed(json.dumps(CLAIM).encode(), signature=header))


@pytest.mark.parametrize("header", ["", "abc", "-1", "1e9", "١٢٣", "9" * 5_000, "NaN", " 1"])
def test_a_malformed_timestamp_is_a_forgery_and_no_error(
    outbound: GuardedClient, header: str
) -> None:
    """So do timestamps that are none."""
    with pytest.raises(Unauthenticated):
        made(outbound).understand(signed(json.dumps(CLAIM).encode(), timestamp=header))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b'{"type":"escalation.opened","data":{}}',
        b"[" * 100_000,
        b'{"type":"escalation.note","data":{"escalation_id":"../x","by":"a"}}',
        b'{"type":"escalation.note","data":{"escalation_id":"e","by":"a","text":NaN}}',
        b'{"type":"escalation.note","data":{"escalation_id":"e","by":"a","text":"\\ud800"}}',
        b'{"type":"escalation.return","data":{"escalation_id":"e","by":"a","brief":{"x":1e999}}}',
    ],
)
def test_a_genuine_callback_that_makes_no_sense_is_invalid(
    outbound: GuardedClient, body: bytes
) -> None:
    """The receiver is told that it is malformed, and where."""
    with pytest.raises(Invalid, match="malformed at"):
        made(outbound).understand(signed(body))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_***", "w" * 400])
def test_a_weak_secret_is_not_taken(secret: str) -> None:
    """24 to 64 bytes in base64, and the message does not repeat what was given."""
    with pytest.raises(ValidationError):
        Webhook.Config.model_validate({"url": "https://a.test/", "secret": secret})


def test_the_secret_is_not_shown(outbound: GuardedClient) -> None:
    """Printing the settings shows no secret."""
    config = Webhook.Config.model_validate({"url": "https://a.test/", "secret": SECRET})

    assert SECRET not in repr(config) + str(config.model_dump())


def test_the_published_signatures_are_ours() -> None:
    """Signing the vectors gives the published signatures."""
    for vector in vectors()["sign"]:
        at = datetime.fromtimestamp(vector["timestamp"], UTC)

        key = key_of(SecretStr(vector["secret"]))

        body = vector["payload"].encode()
        assert signature(key, vector["id"], at, body) == vector["signature"]


def test_the_published_verdicts_are_ours(outbound: GuardedClient) -> None:
    """Each published signature is taken or refused as published.

    The vectors' body is no callback of ours, so a signature that holds ends as Invalid.
    """
    published = vectors()
    sample = published["sign"][0]
    for case in published["verify"]:
        headers = {
            "webhook-id": sample["id"],
            "webhook-timestamp": str(sample["timestamp"]),
            "webhook-signature": case["signature"],
        }
        at = datetime.fromtimestamp(case["now"], UTC)
        expected = Invalid if case["ok"] else Unauthenticated

        with pytest.raises(expected):
            made(outbound).understand(Callback(headers, sample["payload"].encode(), at))


NEW = "whsec_" + base64.b64encode(bytes(range(32))).decode()
PRIVATE = "whsk_" + base64.b64encode(bytes(range(32))).decode()
PUBLIC = (
    "whpk_" + base64.b64encode(private(SecretStr(PRIVATE)).public_key().public_bytes_raw()).decode()
)


def test_while_a_secret_changes_both_sign(outbound: GuardedClient) -> None:
    """The official library takes it with the old secret and with the new one, and with no other."""
    now = datetime.now(UTC)
    with Receiver() as receiver:
        webhook = made(outbound, receiver.url, secret=NEW, secret_before=SECRET)
        webhook.deliver(parcel(at=now))

    sent = receiver.ledger[0]
    for secret in (SECRET, NEW):
        assert Official(secret).verify(sent.body, sent.headers)["type"] == "escalation.opened"
    with pytest.raises(WebhookVerificationError):
        Official("whsec_" + base64.b64encode(b"x" * 32).decode()).verify(sent.body, sent.headers)


def test_callbacks_of_the_old_secret_are_taken_until_it_is_left_out(
    outbound: GuardedClient,
) -> None:
    """The receiver changes when it likes; then the old one is nobody's."""
    callback = signed(json.dumps(CLAIM).encode())

    assert made(outbound, secret=NEW, secret_before=SECRET).understand(callback)
    with pytest.raises(Unauthenticated):
        made(outbound, secret=NEW).understand(callback)


def test_a_receiver_may_know_nothing_but_our_public_key(outbound: GuardedClient) -> None:
    """By ed25519 over the bytes that were sent."""
    with Receiver() as receiver:
        made(outbound, receiver.url, private_key=PRIVATE).deliver(parcel())

    sent = receiver.ledger[0]
    (given,) = (one for one in sent.headers["webhook-signature"].split() if one[:4] == "v1a,")
    headers = (sent.headers["webhook-id"], sent.headers["webhook-timestamp"])
    told = ".".join(headers).encode() + b"." + sent.body
    public(PUBLIC).verify(base64.b64decode(given[4:]), told)
    with pytest.raises(InvalidSignature):
        public(PUBLIC).verify(base64.b64decode(given[4:]), told + b" ")


def test_a_receiver_may_sign_with_its_own_key(outbound: GuardedClient) -> None:
    """Whose public half we were given; a changed byte is a forgery."""
    body = json.dumps(CLAIM).encode()
    theirs = Keys((), private(SecretStr(PRIVATE))).signatures("msg_1", NOW, body)
    webhook = made(outbound, public_key=PUBLIC)

    assert webhook.understand(signed(body, signature=theirs))[0].verb == "claim"
    for forged in (theirs[:-3] + "A==", "v1a,", "v1a,***", theirs.replace("v1a", "v1")):
        with pytest.raises(Unauthenticated):
            webhook.understand(signed(body, signature=forged))
    with pytest.raises(Unauthenticated):
        made(outbound).understand(signed(body, signature=theirs))


@pytest.mark.parametrize("name", ["secret_before", "private_key", "public_key"])
@pytest.mark.parametrize("value", ["", "whsk_c2hvcnQ=", "whpk_***", "é"])
def test_keys_that_are_none_are_not_taken(name: str, value: str) -> None:
    """At the start, and the message does not show them."""
    with pytest.raises(ValidationError):
        Webhook.Config.model_validate({"url": "https://a.test/", "secret": SECRET, name: value})

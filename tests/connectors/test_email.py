"""The e-mail connector: one thread per escalation, TLS always, and what people answer."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from connectors import connect
from connectors.email.addresses import answered_to, reply_address
from connectors.email.message import ABOVE
from connectors.email.replies import answer_of
from handoff.domain.connector import Connector
from handoff.domain.errors import ConnectorError, Invalid
from handoff.domain.escalation import State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.vendors.mail import REPLY_TO, Server, context, official, reply, signed

HOSTILE = "<script>alert(1)</script>\r\nBcc: eve@evil.example\r\n\r\n.\r\nMAIL FROM:<x>"


@pytest.fixture
def outbound() -> Iterator[GuardedClient]:
    """The way out, as in development."""
    with closing(GuardedClient(allow_loopback=True)) as client:
        yield client


def made(server: Server, outbound: GuardedClient, folder: Path, **more: object) -> Connector:
    """Return the connector to a server."""
    return connect("email", server.settings(folder, **more), outbound)  # type: ignore[arg-type] # JSON


def failure(server: Server, folder: Path, **more: object) -> ConnectorError:
    """Return what a mail to this server ends with."""
    with server, closing(GuardedClient(allow_loopback=True)) as outbound:
        connector = made(server, outbound, folder, **more)
        with pytest.raises(ConnectorError) as caught:
            connector.deliver(parcel())
    return caught.value


@pytest.mark.parametrize("at_once", [False, True])
def test_a_mail_has_the_card_twice(
    tmp_path: Path, outbound: GuardedClient, *, at_once: bool
) -> None:
    """As text and as HTML, to the queue's address, with an address of its own for answers."""
    with Server(at_once=at_once) as server:
        made(server, outbound, tmp_path, queues={"billing": "bills@acme.example"}).deliver(parcel())

    (mail,) = server.read()
    text, html = mail.iter_parts()
    assert (mail["to"], mail["from"]) == ("bills@acme.example", "handoff@acme.example")
    assert "I want a person" in text.get_content()
    assert "I want a person" in html.get_content()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert mail["reply-to"].startswith("r+esc_1-")


def test_all_mails_of_an_escalation_are_one_thread(tmp_path: Path, outbound: GuardedClient) -> None:
    """Later ones answer the first; a repeat has the same id."""
    with Server() as server:
        email = made(server, outbound, tmp_path)
        opened = email.deliver(parcel())
        email.deliver(parcel(attempt=2))
        for number, event in enumerate(("updated", "closed", "withdrawn")):
            email.deliver(replace(parcel(f"dlv_{number + 2}", event), reference=opened.reference))

    first, repeat, *later = server.read()
    assert first["message-id"] == repeat["message-id"] == "<esc_1@acme.example>"
    assert {mail["references"] for mail in later} == {"<esc_1@acme.example>"}
    assert len({mail["message-id"] for mail in later}) == 3
    assert all(mail["subject"] == f"Re: {first['subject']}" for mail in later)


def test_only_who_has_it_is_worth_a_mail(tmp_path: Path, outbound: GuardedClient) -> None:
    """Steps in between are not told."""
    with Server() as server:
        email = made(server, outbound, tmp_path)
        for state in State:
            told = parcel(f"dlv_{state}", "changed")
            moved = told.escalation.evolve(state=state, owner="Ann")
            email.deliver(replace(told, escalation=moved, reference="<esc_1@acme.example>"))

    assert len(server.mails) == 4
    assert any("Ann has it" in mail.get_body().get_content() for mail in server.read())  # type: ignore[union-attr] # it has one


def test_hostile_words_end_no_header_and_no_mail(tmp_path: Path, outbound: GuardedClient) -> None:
    """A customer's words are words in the subject, in the text and in the HTML."""
    with Server() as server:
        made(server, outbound, tmp_path).deliver(parcel(said=HOSTILE))

    (mail,) = server.read()
    assert "bcc" not in mail
    assert len(mail["subject"]) <= 120
    assert b"<script>" not in (list(mail.iter_parts())[1].get_payload(decode=True) or b"")  # type: ignore[operator] # bytes
    assert server.mails[0].isascii()


@pytest.mark.parametrize(
    "word",
    [
        "=?utf-8?q?a=0D=0ABcc:_eve@evil.example=0D=0A=0D=0Ahello?=",
        "=?utf-8?b?YQ0KQmNjOiBldmVAZXZpbC5leGFtcGxl?=",
        "=?us-ascii?q?a=0ABcc:_eve@evil.example?= ünï",
    ],
)
def test_an_encoded_word_is_not_decoded(tmp_path: Path, outbound: GuardedClient, word: str) -> None:
    """What a customer wrote in a header's own code stays letters: it could hold a line's end."""
    told = parcel()
    card = told.card.model_copy(update={"headline": word})
    with Server() as server:
        made(server, outbound, tmp_path).deliver(replace(told, card=card))

    (mail,) = server.read()
    assert "bcc" not in mail
    assert mail["subject"].count("?") == word.count("?")
    assert len(list(mail.iter_parts())) == 2


@pytest.mark.parametrize(
    ("answer", "retryable", "unknown", "pause"),
    [
        ("451 Later", True, False, False),
        ("421 Closing", True, False, False),
        ("554 No", False, False, False),
        ("552 Too big", False, False, False),
        ("535 Login", False, False, True),
        ("break", True, True, False),
        ("garbage", True, True, False),
    ],
)
def test_each_answer_has_its_meaning(
    tmp_path: Path, answer: str, *, retryable: bool, unknown: bool, pause: bool
) -> None:
    """Only 250 confirms; a connection that breaks once the mail was sent leaves it unknown."""
    error = failure(Server(answer=answer), tmp_path)

    assert (error.retryable, error.unknown, error.pause) == (retryable, unknown, pause)


@pytest.mark.parametrize(("rcpt", "retryable"), [("450 Busy", True), ("550 Nobody", False)])
def test_a_recipient_that_is_not_taken_is_no_delivery(
    tmp_path: Path, rcpt: str, *, retryable: bool
) -> None:
    """Grey-listing passes, an address that does not exist does not."""
    error = failure(Server(rcpt=rcpt), tmp_path)

    assert (error.retryable, error.unknown) == (retryable, False)


def test_a_wrong_login_rests(tmp_path: Path) -> None:
    """A person looks."""
    error = failure(Server(), tmp_path, password="wrong")

    assert (error.retryable, error.pause) == (False, True)
    assert "wrong" not in error.message


def test_nothing_goes_without_tls(tmp_path: Path) -> None:
    """A server that offers none, or somebody between who hides the offer, gets no word."""
    server = Server(offers_tls=False)
    error = failure(server, tmp_path)

    assert (error.retryable, error.unknown) == (True, False)
    assert "TLS" in error.message
    assert server.mails == []


@pytest.mark.parametrize("at_once", [False, True])
def test_a_certificate_of_another_name_is_not_taken(tmp_path: Path, *, at_once: bool) -> None:
    """Verified against the name in the settings."""
    error = failure(Server(tls=context("other.example"), at_once=at_once), tmp_path)

    assert "certificate" in error.message
    assert not error.unknown


def test_an_authority_that_nobody_named_is_not_taken(tmp_path: Path) -> None:
    """Only public ones are trusted by themselves."""
    assert "certificate" in failure(Server(), tmp_path, authorities=None).message


def test_a_server_that_dawdles_is_left_at_the_deadline(
    tmp_path: Path, outbound: GuardedClient
) -> None:
    """A byte now and then keeps no thread."""
    with socket.create_server(("127.0.0.1", 0)) as listening, Server() as other:
        Thread(target=_drip, args=(listening,), daemon=True).start()
        port = listening.getsockname()[1]
        email = made(other, outbound, tmp_path, port=port, deadline=0.5)
        began = time.monotonic()
        with pytest.raises(ConnectorError) as caught:
            email.deliver(parcel())

    assert time.monotonic() - began < 3
    assert not caught.value.unknown


def _drip(listening: socket.socket) -> None:
    line, _ = listening.accept()
    with line:
        for _ in range(100):
            try:
                line.sendall(b"2")
            except OSError:
                return
            time.sleep(0.1)


def test_check_logs_in_and_sends_nothing(tmp_path: Path, outbound: GuardedClient) -> None:
    """A look at the credentials."""
    with Server() as server:
        told = made(server, outbound, tmp_path).check(NOW)  # type: ignore[attr-defined] # it has one

    assert told == "127.0.0.1 takes mail from bot"
    assert server.mails == []


QUOTED = f"\n\nOn Mon, 23 Nov 2026, Handoff wrote:\n> {ABOVE}\n> #resolve\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#claim" + QUOTED, [("claim", {})]),
        ("#CLAIM \nI know her", [("note", {"text": "I know her"}), ("claim", {})]),
        ("#resolve", [("resolve", {})]),
        ("#return\nrefunded 12", [("return", {"brief": {"done": "refunded 12"}})]),
        ("customer: We are on it." + QUOTED, [("message", {"text": "We are on it."})]),
        ("Customer:" + QUOTED, []),
        ("She called before." + QUOTED, [("note", {"text": "She called before."})]),
        ("" + QUOTED, []),
        ("Zoë\n-- \nAnn, Acme", [("note", {"text": "Zoë"})]),
    ],
)
def test_an_answer_is_understood(
    tmp_path: Path, outbound: GuardedClient, text: str, said: list[object]
) -> None:
    """What stands above the quote: a word of ours, something for the customer, or a note."""
    with Server() as server:
        heard = made(server, outbound, tmp_path).understand(signed(reply(text), NOW))

    assert [(one.verb, one.details) for one in heard] == said
    assert all((one.escalation_id, one.by) == ("esc_1", "ann@acme.example") for one in heard)


@pytest.mark.parametrize(
    ("sender", "header"),
    [
        ("eve@evil.example", "X-None: 1"),
        ("ann@acme.example.evil.example", "X-None: 1"),
        ("ann@acme.example", "Auto-Submitted: auto-replied"),
        ("ann@acme.example", "Return-Path: <>"),
        ("ann@acme.example", "Precedence: bulk"),
    ],
)
def test_strangers_and_machines_are_not_heard(
    tmp_path: Path, outbound: GuardedClient, sender: str, header: str
) -> None:
    """Whoever a mail was passed on to, and notices of absence."""
    with Server() as server:
        email = made(server, outbound, tmp_path)

        assert email.understand(signed(reply("#resolve", sender, header), NOW)) == ()


@pytest.mark.parametrize(
    "author",
    [
        "From: ann@acme.example(<eve@evil.example>",
        "From: ann@acme.example <eve@evil.example>",
        "From: <ann@acme.example><eve@evil.example>",
        "From: ann@acme.example, eve@evil.example",
        "From: ann@acme.example\r\nFrom: eve@evil.example",
        "From: eve@evil.example\r\nFrom: ann@acme.example",
        'From: "eve@evil.example" <ann@acme.example>',
    ],
)
def test_an_author_who_could_be_another_is_not_heard(
    tmp_path: Path, outbound: GuardedClient, author: str
) -> None:
    """A gateway may have checked the one that we would not have read."""
    raw = reply("#resolve").replace(b"From: Ann <ann@acme.example>", author.encode())
    with Server() as server:
        assert made(server, outbound, tmp_path).understand(signed(raw, NOW)) == ()


def test_a_long_header_takes_no_time(tmp_path: Path, outbound: GuardedClient) -> None:
    """Strangers write to a gateway too: nobody else waits for what they wrote."""
    raw = b"Content-Type: text/plain" + b"; a" * 300_000 + b"\r\n" + reply("#claim")
    with Server() as server:
        email = made(server, outbound, tmp_path)
        began = time.process_time()
        email.understand(signed(raw, NOW))

    assert time.process_time() - began < 2


def test_a_name_that_is_the_address_is_fine(tmp_path: Path, outbound: GuardedClient) -> None:
    """Many mail programs write the address twice."""
    author = b'From: "Ann@acme.example" <ann@acme.example>'
    raw = reply("#claim").replace(b"From: Ann <ann@acme.example>", author)
    with Server() as server:
        (said,) = made(server, outbound, tmp_path).understand(signed(raw, NOW))

    assert (said.verb, said.by) == ("claim", "ann@acme.example")


@pytest.mark.parametrize(
    "to",
    [
        "r+esc_1-aaaaaaaaaaaaaaaa@in.acme.example",
        "r+esc_1-@in.acme.example",
        "r+@in.acme.example",
        "support@acme.example",
        "r+esc_1-é@in.acme.example",
        "=?utf-8?b?////?= <",
        "(" * 5_000,
    ],
)
def test_an_address_that_we_never_gave_is_nobodys(
    tmp_path: Path, outbound: GuardedClient, to: str
) -> None:
    """A token cannot be guessed, nor moved to another escalation."""
    with Server() as server, pytest.raises(Invalid):
        made(server, outbound, tmp_path).understand(signed(reply("#claim", to=to), NOW))


def test_a_token_is_of_one_escalation_in_any_case_of_letters() -> None:
    """Mail systems change the case of addresses."""
    address = reply_address(REPLY_TO, "esc_0a", b"k" * 24)

    assert answered_to(REPLY_TO, ["x@y.z", address.upper()], b"k" * 24) == "esc_0a"
    assert answered_to(REPLY_TO, [address.replace("0a", "0b")], b"k" * 24) is None
    assert answered_to(REPLY_TO, [address], b"l" * 24) is None


def test_a_mail_of_html_alone_is_read(tmp_path: Path, outbound: GuardedClient) -> None:
    """Without its scripts and styles."""
    page = f"<style>p {{}}</style><p>She has paid.</p><p>On Mon wrote:</p><div>{ABOVE} x</div>"
    raw = reply(page).replace(b"text/plain", b"text/html")
    with Server() as server:
        (said,) = made(server, outbound, tmp_path).understand(signed(raw, NOW))

    assert said.details == {"text": "She has paid."}


def test_parts_in_parts_are_malformed(tmp_path: Path, outbound: GuardedClient) -> None:
    """However deep they lie."""
    part = "".join(
        f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3_000)
    )
    raw = reply("x").partition(b"Content-Type")[0].replace(b"\r", b"") + part.encode()
    with Server() as server, pytest.raises(Invalid, match="nested"):
        made(server, outbound, tmp_path).understand(signed(raw, NOW))


def test_an_answer_ends_where_the_quote_begins() -> None:
    """However a mail program announces and marks it."""
    for announced in ("On Mon, Ann wrote:", "On Mon, Ann\nwrote:", "Am Mo schrieb Ann:", ""):
        for mark in ("> ", "", "| "):
            text = f"Yes.\r\n\r\n{announced}\r\n{mark}{ABOVE}\r\n{mark}old"
            assert answer_of(text) == "Yes."


def test_a_gateway_may_sign_with_the_official_library(
    tmp_path: Path, outbound: GuardedClient
) -> None:
    """It is Standard Webhooks, over the raw message."""
    raw = reply("#claim")
    callback = signed(raw, NOW)
    callback.headers["webhook-signature"] = official("in_1", NOW, raw.decode())
    with Server() as server:
        (said,) = made(server, outbound, tmp_path).understand(callback)

    assert said.verb == "claim"


@pytest.mark.parametrize(
    "more",
    [
        {"reply_to": "r@in.acme.example"},
        {"reply_to": "r@{token}.example"},
        {"user": None},
        {"authorities": "nowhere.pem"},
        {"secret": "whsec_c2hvcnQ="},
        {"to": "a@b\r\nBcc: c@d"},
        {"security": "none"},
    ],
)
def test_settings_that_cannot_work_are_refused(
    tmp_path: Path, outbound: GuardedClient, more: dict[str, object]
) -> None:
    """At the start, not at the first mail."""
    with Server() as server, pytest.raises(Invalid):
        made(server, outbound, tmp_path, **more)

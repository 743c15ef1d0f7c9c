"""The guarded client against real listeners on loopback, friendly and hostile."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from handoff.domain.errors import ConnectorError
from handoff.outbound import GuardedClient
from handoff.outbound.client import ANSWER_LIMIT
from handoff.outbound.network import RESOLVERS
from tests.receiver import RESET, Answer, Drip, Receiver, endless, plain, raw

CERTIFICATE = Path(__file__).parent / "localhost.pem"


@pytest.fixture
def client() -> Iterator[GuardedClient]:
    """A client as in development: loopback is open to it."""
    with closing(GuardedClient(allow_loopback=True)) as client:
        yield client


def failure(
    client: GuardedClient, url: str, *, body: bytes = b"{}", deadline: float = 5.0
) -> ConnectorError:
    """Return the error that a request ends with."""
    with pytest.raises(ConnectorError) as caught:
        client.post(url, body, {}, deadline=deadline)
    return caught.value


def served_over_tls() -> Receiver:
    """Return a receiver with a certificate for `localhost` that only this repository trusts."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)
    return Receiver(tls=tls)


def test_a_request_arrives_as_it_was_sent(client: GuardedClient) -> None:
    """Body and headers are the caller's; the answer comes back with lower-case names."""
    with Receiver(plain("202 Accepted", "X-Seen: Yes", body=b"ok")) as receiver:
        reply = client.post(receiver.url, b'{"a":1}', {"X-Test": "1"})

    assert (reply.status, reply.headers["x-seen"], reply.body) == (202, "Yes", b"ok")
    assert receiver.ledger[0].body == b'{"a":1}'
    assert receiver.ledger[0].headers["x-test"] == "1"
    assert receiver.ledger[0].headers["accept-encoding"] == "identity"


def test_connections_are_reused(client: GuardedClient) -> None:
    """Two requests to one receiver share a connection."""
    with Receiver() as receiver:
        client.post(receiver.url, b"1", {})
        client.post(receiver.url, b"2", {})

    assert (len(receiver.ledger), receiver.connections) == (2, 1)


def test_a_dripping_answer_ends_at_the_deadline(client: GuardedClient) -> None:
    """One byte each tenth of a second does not stretch the deadline, and leaves us not knowing."""
    slow = Drip()

    with Receiver(slow) as receiver:
        error = failure(client, receiver.url, deadline=0.5)

    assert error.unknown
    assert not slow.finished


def test_a_receiver_that_reads_nothing_ends_at_the_deadline(client: GuardedClient) -> None:
    """A body that does not fit the socket's buffers is not waited for beyond the deadline."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        error = failure(client, url, body=b"x" * 30_000_000, deadline=0.5)

    assert error.unknown


def test_an_endless_answer_is_cut(client: GuardedClient) -> None:
    """The status counts; of the body no more than the limit is read."""
    with Receiver(endless()) as receiver:
        reply = client.post(receiver.url, b"", {})

    assert (reply.status, len(reply.body)) == (200, ANSWER_LIMIT)


def test_a_compressed_answer_is_not_unpacked(client: GuardedClient) -> None:
    """A gzip bomb stays as small as it came."""
    with Receiver(plain("200 OK", "Content-Encoding: gzip", body=b"\x1f\x8b bomb")) as receiver:
        reply = client.post(receiver.url, b"", {})

    assert reply.body == b"\x1f\x8b bomb"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(client: GuardedClient, status: int) -> None:
    """The listener that the answer points to sees no connection."""
    with Receiver() as trap:
        there = plain(f"{status} Moved", f"Location: {trap.url}")
        with Receiver(there) as receiver:
            reply = client.post(receiver.url, b"", {})

    assert (reply.status, trap.connections) == (status, 0)


@pytest.mark.parametrize(
    "answer",
    [
        raw(b""),
        raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        raw(b"HTTP/1.1 abc OK\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000),
    ],
    ids=["nothing", "not http", "garbage status", "truncated", "bad chunk", "endless header"],
)
def test_garbage_for_an_answer_leaves_us_not_knowing(client: GuardedClient, answer: Answer) -> None:
    """The request did arrive, so it may have been acted on."""
    with Receiver(answer) as receiver:
        error = failure(client, receiver.url)

    assert error.unknown
    assert len(receiver.ledger) == 1


def test_a_reset_after_the_request_leaves_us_not_knowing(client: GuardedClient) -> None:
    """A connection that is reset instead of answered may have been acted on."""
    with Receiver(lambda _: iter([b"HTTP/1.1 ", RESET])) as receiver:
        error = failure(client, receiver.url)

    assert error.unknown
    assert len(receiver.ledger) == 1


def test_a_refused_connection_may_be_repeated(client: GuardedClient) -> None:
    """Nothing was sent, so nothing can have arrived."""
    with Receiver() as gone:
        url = gone.url

    error = failure(client, url)

    assert error.retryable
    assert not error.unknown


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://user:pass@example.com/",
        "https://user@example.com/",
        "https:///nowhere",
        "//example.com/",
        "https://example.com:99999/",
        "http://127.0.0.1:0/",
        "",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
def test_a_url_outside_the_rule_is_refused(url: str) -> None:
    """Plain http, credentials, other schemes and nonsense never reach the network."""
    with closing(GuardedClient()) as guarded:
        error = failure(guarded, url)

    assert not error.retryable
    assert not error.unknown


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "%31%32%37.0.0.1",
    ],
)
def test_loopback_is_closed_in_every_spelling(host: str) -> None:
    """However the address is written, the listener there sees no connection."""
    with Receiver() as receiver:
        guarded = GuardedClient(allow_http=True, ports=frozenset({receiver.port}))
        failure(guarded, f"http://{host}:{receiver.port}/")

    assert receiver.connections == 0


def test_one_private_address_among_public_ones_closes_the_name() -> None:
    """A name is judged by all its addresses."""
    with Receiver() as receiver:
        guarded = GuardedClient(
            ports=frozenset({receiver.port}), resolve=lambda *_: ["8.8.8.8", "127.0.0.1"]
        )
        error = failure(guarded, f"https://mixed.test:{receiver.port}/")

    assert not error.retryable
    assert receiver.connections == 0


def test_the_checked_address_is_the_one_connected_to() -> None:
    """A name that changes its address between question and connection gains nothing."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    guarded = GuardedClient(allow_loopback=True, resolve=lambda *_: next(answers))

    with Receiver() as receiver, closing(guarded):
        guarded.post(f"http://localhost:{receiver.port}/", b"", {})

    assert len(receiver.ledger) == 1
    assert next(answers) == ["10.0.0.1"]


def test_a_name_that_does_not_resolve_may_be_tried_again() -> None:
    """Name servers have bad days."""

    def nobody(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    error = failure(GuardedClient(resolve=nobody), "https://example.test/")

    assert error.retryable
    assert not error.unknown


def test_a_name_server_that_is_silent_ends_at_the_deadline() -> None:
    """The system's resolver knows no deadline; the client does."""

    def silent(_host: str, _port: int) -> list[str]:
        time.sleep(1)
        return []

    error = failure(GuardedClient(resolve=silent), "https://example.test/", deadline=0.2)

    assert error.retryable
    assert not error.unknown


def test_what_nobody_waits_for_is_not_asked() -> None:
    """Names of silent name servers do not queue up before those of others."""
    silence, asked = threading.Event(), []

    def silent(host: str, _port: int) -> list[str]:
        asked.append(host)
        silence.wait(10)
        return ["93.184.216.34"]

    with closing(GuardedClient(resolve=silent)) as guarded, ThreadPoolExecutor(20) as pool:
        ended = [
            pool.submit(guarded.judge, f"https://n{n}.example/", deadline=0.2) for n in range(20)
        ]
        assert all(isinstance(one.exception(), ConnectorError) for one in ended)
        silence.set()

    assert len(asked) == RESOLVERS


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy variable does not divert what we send."""
    with Receiver() as proxy, Receiver() as receiver:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        with closing(GuardedClient(allow_loopback=True)) as guarded:
            guarded.post(receiver.url, b"", {})

    assert (len(receiver.ledger), proxy.connections) == (1, 0)


def test_tls_is_checked_against_the_name() -> None:
    """The address is pinned, and certificate and Host are still the name's."""
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
    guarded = GuardedClient(allow_loopback=True, tls=trusting)

    with served_over_tls() as receiver, closing(guarded):
        reply = guarded.post(f"https://localhost:{receiver.port}/", b"", {})
        error = failure(guarded, f"https://127.0.0.1:{receiver.port}/")

    assert reply.status == 200
    assert receiver.ledger[0].headers["host"] == f"localhost:{receiver.port}"
    assert "certificate" in error.message
    assert not error.unknown


def test_an_untrusted_certificate_gets_no_request() -> None:
    """A self-signed receiver is told apart before anything is sent."""
    with served_over_tls() as receiver:
        guarded = GuardedClient(allow_loopback=True)
        error = failure(guarded, f"https://localhost:{receiver.port}/")

    assert "certificate" in error.message
    assert receiver.ledger == []


@pytest.mark.parametrize("header", ["a\r\nb: c", "a\0", "é", "\ud800"])
def test_a_header_that_would_break_out_is_not_sent(client: GuardedClient, header: str) -> None:
    """Line breaks and characters beyond HTTP's are refused, never sent."""
    with Receiver() as receiver, pytest.raises(ConnectorError) as caught:
        client.post(receiver.url, b"", {"x-note": header})

    assert not caught.value.retryable
    assert receiver.ledger == []


def test_a_hanging_tls_handshake_ends_at_the_deadline() -> None:
    """A listener that accepts and says nothing is left at the deadline; nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}/"
        error = failure(GuardedClient(allow_loopback=True), url, deadline=0.3)

    assert error.retryable
    assert not error.unknown

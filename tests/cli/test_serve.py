"""`handoff serve`: starts with nothing set, and stops when told to, readers of the feed or not."""

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.benchmarks.servers import environment, free_port, new_key, running, start
from tests.cli.conftest import Command


@pytest.mark.e2e
def test_it_stops_at_once_though_somebody_reads_the_feed(tmp_path: Path) -> None:
    """SIGTERM ends the open feeds first, so that nothing is waited for."""
    env = environment(tmp_path, free_port())
    key = new_key(env, "agent")
    process = start(env)
    headers = {"Authorization": f"Bearer {key}"}

    with httpx.stream("GET", f"{env['HANDOFF_BASE_URL']}/v1/events", headers=headers) as feed:
        lines = feed.iter_lines()
        first = next(lines)
        process.send_signal(signal.SIGTERM)
        rest = [line for line in lines if line]

    assert (feed.status_code, first, rest) == (200, "retry: 1000", [])
    assert process.wait(20) in (0, -signal.SIGTERM)


@pytest.mark.e2e
def test_a_body_of_ten_megabytes_is_refused_over_the_wire(tmp_path: Path) -> None:
    """413 before it is read, with and without its length in the header."""
    env = environment(tmp_path, free_port())
    url = f"{env['HANDOFF_BASE_URL']}/v1/conversations/c1/turns"
    parts = (b" " * 100_000 for _ in range(100))

    with running(env):
        whole = httpx.post(url, content=b" " * 10_000_000)
        streamed = httpx.post(url, content=parts)

    assert (whole.status_code, streamed.status_code) == (413, 413)


@pytest.mark.e2e
def test_headers_that_only_drip_in_are_cut_off(tmp_path: Path) -> None:
    """After ten seconds, on a new connection and on one that was used before."""
    env = environment(tmp_path, free_port())
    address = ("127.0.0.1", int(env["HANDOFF_PORT"]))
    with (
        running(env),
        socket.create_connection(address, 20) as new,
        socket.create_connection(address, 20) as used,
    ):
        used.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert used.recv(4_096).startswith(b"HTTP/1.1 200")
        with ThreadPoolExecutor() as threads:
            lasted = list(threads.map(_dripping, (new, used)))

    assert 8 < min(lasted) <= max(lasted) < 14


def _dripping(connection: socket.socket) -> float:
    """Send a byte a half second until the other side has had enough; return how long it took."""
    connection.settimeout(0.5)
    began = time.monotonic()
    connection.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
    while (lasted := time.monotonic() - began) < 20:
        try:
            connection.sendall(b"x")
            if connection.recv(4_096) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return lasted


@pytest.mark.e2e
def test_headers_without_end_are_cut_off(tmp_path: Path) -> None:
    """However fast they come, no more than their bound is kept."""
    env = environment(tmp_path, free_port())
    with (
        running(env),
        socket.create_connection(("127.0.0.1", int(env["HANDOFF_PORT"])), 5) as connection,
    ):
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        line = b"X-Long: %s\r\n" % (b"x" * 1_000)
        with pytest.raises(OSError, match=r"(?i)reset|broken"):
            connection.sendall(line * 100_000)


def test_a_port_that_is_taken_is_told_in_a_line(handoff: Command, tmp_path: Path) -> None:
    """Before anything begins: no address is announced, no database is made."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, _, err = handoff("serve", "--port", port, "--data", str(tmp_path / "new"))

    assert code == 2
    assert err == f"handoff: cannot listen at 127.0.0.1, port {port}: Address already in use\n"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("args", "told"), [(["--port", "0"], "--port"), (["--prot"], "--prot")])
def test_bad_usage_is_told_in_a_line(handoff: Command, args: list[str], told: str) -> None:
    """Exit code 2."""
    code, _, err = handoff("serve", *args)

    assert code == 2
    assert told in err

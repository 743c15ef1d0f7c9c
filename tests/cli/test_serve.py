"""`handoff serve`: starts with nothing set, and stops when told to, readers of the feed or not."""

import signal
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


@pytest.mark.parametrize(("args", "told"), [(["--port", "0"], "--port"), (["--prot"], "--prot")])
def test_bad_usage_is_told_in_a_line(handoff: Command, args: list[str], told: str) -> None:
    """Exit code 2."""
    code, _, err = handoff("serve", *args)

    assert code == 2
    assert told in err

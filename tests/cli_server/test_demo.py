"""`handoff demo`: real calls from the first turn to the verified record, and a desk left open."""

import os
import signal
import subprocess
import sys

import httpx
import pytest
import re2

from handoff.cli.main import run

HANDOFF = [sys.executable, "-m", "handoff"]
LINK = re2.compile(r"http://127\.0\.0\.1:\d+/login\?token=\S+")

pytestmark = pytest.mark.e2e


def test_the_demo_shows_the_main_job(capfd: pytest.CaptureFixture[str]) -> None:
    """It ends well, and every act of it is on the terminal."""
    assert run(["demo"]) == 0

    shown = capfd.readouterr().out
    for act in (
        "rule tool-keeps-failing",
        "refused, control_lost",
        "handoff card",
        "webhooks came with a good signature",
        "active, owner ann",
        "handed back: closed, returned",
        "contained",
        "none changed; head",
    ):
        assert act in shown, act
    assert "(key" not in shown
    assert "4000 0566" not in shown


def test_the_environment_does_not_reach_the_demo(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever a machine's service is set to, the demo neither uses nor touches it."""
    monkeypatch.setenv("HANDOFF_WEBHOOK_URL", "https://example.com/hook")
    monkeypatch.setenv("HANDOFF_DATA_DIR", "/proc/nowhere")

    assert run(["demo"]) == 0

    assert "none changed; head" in capfd.readouterr().out


def heard() -> None:
    """Let Control-C be heard, also where the tests run in the background of a shell."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_the_desk_is_left_open() -> None:
    """`--serve` prints a link that logs in, once, and Control-C ends it."""
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*HANDOFF, "demo", "--serve"],
        stdout=subprocess.PIPE,
        env=env,
        preexec_fn=heard,  # noqa: PLW1509 # the child of a process with threads does nothing else
    ) as demo:
        assert demo.stdout is not None
        link = next(found[0] for line in demo.stdout if (found := LINK.findall(line.decode())))
        try:
            page = httpx.get(link, follow_redirects=True)
        finally:
            demo.send_signal(signal.SIGINT)
        code = demo.wait(20)

    assert page.status_code == 200
    assert code == 0

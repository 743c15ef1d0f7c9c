"""sipp takes the headers that the form `uui` makes, in INVITE and REFER, and gives them back."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from handoff.cards import Context, render
from handoff.cards.pointer import followed
from tests.benchmarks.servers import free_port
from tests.parcels import NOW, card

KEY = b"k" * 32
SCENARIO = """\
<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="echo">
  <recv request="{method}" />
  <send><![CDATA[

SIP/2.0 {answer}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_User-to-User:]
[last_Refer-To:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
</scenario>
"""
ESCALATIONS = ("esc_1", "esc_" + "0f" * 16, "esc_ü", "esc_" + "x" * 27)


def header(escalation_id: str) -> str:
    """Return the value of a `User-to-User` header as a voice connector sends it."""
    context = Context(key=KEY, expires_at=NOW + timedelta(hours=1))
    return render(card(escalation_id=escalation_id), "uui", context)


@contextmanager
def sipp(folder: Path, method: str, answer: str) -> Iterator[int]:
    """Yield the port where sipp waits for one request, which it answers with its headers."""
    if shutil.which("sipp") is None:
        pytest.skip("sip-tester is not installed")
    scenario = folder / "echo.xml"
    scenario.write_text(SCENARIO.format(method=method, answer=answer), encoding="latin-1")
    port = free_port()
    command = ["sipp", "-sf", scenario, "-i", "127.0.0.1", "-p", str(port), "-m", "1", "-nostdin"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


def exchanged(port: int, method: str, *headers: str) -> dict[str, str]:
    """Return the headers of the answer to a request."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(1.0)
        own = f"127.0.0.1:{line.getsockname()[1]}"
        request = "\r\n".join(
            (
                f"{method} sip:desk@127.0.0.1:{port} SIP/2.0",
                f"Via: SIP/2.0/UDP {own};branch=z9hG4bK-1",
                f"From: <sip:bot@{own}>;tag=1",
                f"To: <sip:desk@127.0.0.1:{port}>",
                f"Call-ID: 1@{own}",
                f"CSeq: 1 {method}",
                f"Contact: <sip:bot@{own}>",
                "Max-Forwards: 70",
                *headers,
                "Content-Length: 0",
                "",
                "",
            )
        ).encode()
        for _ in range(20):  # UDP: sipp may not listen yet
            line.sendto(request, ("127.0.0.1", port))
            try:
                answer = line.recv(8_192).decode()
            except TimeoutError:
                continue
            lines = answer.split("\r\n")
            return {
                name: value.strip() for name, _, value in (one.partition(":") for one in lines[1:])
            }
    raise TimeoutError("sipp does not answer")


@pytest.mark.parametrize("escalation_id", ESCALATIONS)
@pytest.mark.parametrize(("method", "answer"), [("INVITE", "200 OK"), ("REFER", "202 Accepted")])
def test_the_header_comes_back_as_it_went(
    tmp_path: Path, method: str, answer: str, escalation_id: str
) -> None:
    """And still points to its escalation, signed."""
    value = header(escalation_id)
    refer = (f"Refer-To: <sip:desk@127.0.0.1?User-to-User={value.replace(';', '%3B')}>",)
    with sipp(tmp_path, method, answer) as port:
        back = exchanged(
            port, method, f"User-to-User: {value}", *(refer if method == "REFER" else ())
        )

    assert back["User-to-User"] == value
    assert followed(back["User-to-User"], [KEY], NOW).escalation_id == escalation_id
    assert method == "INVITE" or value.replace(";", "%3B") in back["Refer-To"]

"""A mail server under TLS: the card goes out, a reply comes back through the pipe we give."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.documents import CONNECTED, blocks
from tests.peers.conftest import House, delivered, opened, read, until
from tests.vendors.mail import SECRET, Server


def piped(raw: bytes, url: str) -> None:
    """Bring a mail in by the shell lines that the document gives to a mail server."""
    ((_, lines),) = blocks(CONNECTED, "Mail in and out")
    env = {**os.environ, "SECRET": SECRET.removeprefix("whsec_"), "URL": url}
    done = subprocess.run(
        ["bash", "-ec", lines], check=False, input=raw, env=env, capture_output=True
    )
    if b"not found" in done.stderr:
        pytest.skip(done.stderr.decode())
    assert done.returncode == 0, done.stderr


def answered(mail: object, text: str, name: str) -> bytes:
    """Return a person's answer to a mail, quoting it as mail programs do."""
    body = mail.get_body(("plain",)).get_content()  # type: ignore[attr-defined] # a mail
    quoted = "\n".join(f"> {line}" for line in body.splitlines())
    headers = (
        "From: Ana <ana@acme.example>",
        f"To: {mail['reply-to']}",  # type: ignore[index] # a mail
        f"In-Reply-To: {mail['message-id']}",  # type: ignore[index] # a mail
        f"Message-ID: <{name}@acme.example>",
        "Content-Type: text/plain; charset=utf-8",
    )
    return "\n".join((*headers, "", f"{text}\n\nOn Monday, Handoff wrote:\n{quoted}")).encode()


def test_an_escalation_is_dealt_with_by_mail(house: Callable[..., House], tmp_path: Path) -> None:
    """Sent, taken by an answer, answered to the customer, resolved: one thread, no other door."""
    with Server() as server:
        ours = house("email", server.settings(tmp_path))
        with ours.running() as client:
            escalation = opened(client, "c1")
            until(lambda: server.mails)
            first = server.read()[0]
            piped(answered(first, "#claim", "r1"), ours.callbacks)
            until(lambda: read(client, escalation)["owner"] == "ana@acme.example")
            piped(answered(first, "customer: We refund it.", "r2"), ours.callbacks)
            piped(answered(first, "customer: We refund it.", "r2"), ours.callbacks)
            conversation = read(client, escalation)["conversation_id"]
            said = client.get(f"/v1/conversations/{conversation}/turns").text
            assert said.count("We refund it.") == 1
            piped(answered(first, "#resolve\nRefunded.", "r3"), ours.callbacks)
            until(lambda: read(client, escalation)["state"] == "closed")
            until(lambda: ("closed", "confirmed") in delivered(client, "email", escalation))

    mails = server.read()
    assert {mail["references"] for mail in mails[1:]} == {first["message-id"]}
    assert "closed" in mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr] # it has one


def test_a_mail_server_that_was_away_gets_it_later(
    house: Callable[..., House], tmp_path: Path
) -> None:
    """Turned away for now, it is written to again."""
    tries = iter(("451 Later", "421 Busy"))
    with Server(answer=lambda: next(tries, "250 OK")) as server:
        ours = house("email", server.settings(tmp_path))
        with ours.running() as client:
            escalation = opened(client, "c2")
            until(lambda: ("opened", "confirmed") in delivered(client, "email", escalation))

    assert server.ids() == [f"<{escalation}@acme.example>"]

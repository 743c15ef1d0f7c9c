"""A mail server on loopback under TLS of a private authority, and what a gateway brings us."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from threading import Thread

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr
from standardwebhooks import Webhook as Signer

from connectors.email.addresses import reply_address
from handoff.domain.connector import Callback
from handoff.domain.standard_webhooks import key_of, signature

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
REPLY_TO = "r+{token}@in.acme.example"
SETTINGS = {
    "sender": "handoff@acme.example",
    "to": "support@acme.example",
    "reply_to": REPLY_TO,
    "secret": SECRET,
    "user": "bot",
    "password": "pw",
    "deadline": 5.0,
}
OK = "250 OK"


@cache
def authority() -> trustme.CA:
    """Return the authority of all tests."""
    return trustme.CA()


@cache
def context(*names: str) -> ssl.SSLContext:
    """Return a server's side of TLS with a certificate for these names."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*names).configure_cert(made)
    return made


class Server:
    """Listens while used as a context; `mails` has what arrived, `answer` what DATA ends with."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        at_once: bool = False,
        offers_tls: bool = True,
        rcpt: str = OK,
        answer: str | Callable[[], str] = OK,
    ) -> None:
        """Set up what it does."""
        self.mails: list[bytes] = []
        self._tls = tls or context("127.0.0.1")
        self._at_once, self._offers_tls = at_once, offers_tls
        self.rcpt, self.answer = rcpt, answer

    def __enter__(self) -> "Server":
        """Begin to listen."""
        later = {"tls_context": self._tls, "require_starttls": True} if self._offers_tls else {}
        told = {} if self._at_once else later
        login = {
            "authenticator": self._login,
            "auth_required": self._offers_tls and not self._at_once,
            "auth_require_tls": not self._at_once,
        }
        self._lines: list[SMTP] = []
        self._loop = asyncio.new_event_loop()

        def protocol() -> SMTP:
            self._lines.append(SMTP(self, hostname="mail.test", loop=self._loop, **login, **told))
            return self._lines[-1]

        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        tls = self._tls if self._at_once else None
        made = self._loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
        self._server = asyncio.run_coroutine_threadsafe(made, self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening and hang up."""
        asyncio.run_coroutine_threadsafe(self._ended(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _ended(self) -> None:
        self._server.close()
        for line in self._lines:
            if line.transport is not None:
                line.transport.abort()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self._server.sockets[0].getsockname()[1])

    def settings(self, folder: Path, **more: object) -> dict[str, object]:
        """Return the settings of a connector that writes here; its authority goes to `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "authority.pem"
        authority().cert_pem.write_to_path(str(file))
        place = {"host": "127.0.0.1", "port": self.port, "authorities": str(file)}
        return {**SETTINGS, **place, "security": "tls" if self._at_once else "starttls", **more}

    def read(self) -> list[EmailMessage]:
        """Return what arrived, parsed."""
        return [message_from_bytes(one, policy=policy.default) for one in self.mails]  # type: ignore[misc] # by the policy

    def ids(self) -> list[str]:
        """Return the `Message-ID` of each mail."""
        return [str(mail["message-id"]) for mail in self.read()]

    def _login(self, _s: SMTP, _n: Session, _e: Envelope, _m: str, given: object) -> AuthResult:
        known = isinstance(given, LoginPassword) and given.password == b"pw"
        return AuthResult(success=known, handled=False)

    async def handle_RCPT(  # noqa: N802 # aiosmtpd's name
        self, _s: SMTP, _n: Session, envelope: Envelope, address: str, _o: list[str]
    ) -> str:
        """Take a recipient, or not."""
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, _n: Session, envelope: Envelope) -> str:  # noqa: N802 # aiosmtpd's name
        """Keep a mail, unless the answer is that it is not taken."""
        told = self.answer if isinstance(self.answer, str) else self.answer()
        if not told.startswith(("4", "5")):
            assert isinstance(envelope.content, bytes)
            self.mails.append(envelope.content)
        if told == "break":
            assert server.transport is not None
            server.transport.abort()
        return told


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback as the gateway signs it."""
    headers = {
        "webhook-id": "in_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature(key_of(SecretStr(SECRET)), "in_1", at, body),
    }
    return Callback(headers, body, at)


def reply(text: str, sender: str = "ann@acme.example", *headers: str, to: str = "") -> bytes:
    """Return somebody's answer as it comes in."""
    to = to or reply_address(REPLY_TO, "esc_1", key_of(SecretStr(SECRET)))
    lines = (
        f"From: Ann <{sender}>",
        f"To: {to}",
        "Message-ID: <r1@acme.example>",
        "Content-Type: text/plain; charset=utf-8",
        *headers,
        "",
        text,
    )
    return "\r\n".join(lines).encode()


def official(message_id: str, at: datetime, body: str) -> str:
    """Return the signature that the official library makes."""
    return Signer(SECRET).sign(message_id, at.astimezone(UTC), body)

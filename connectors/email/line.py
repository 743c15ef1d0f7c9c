"""The way to the mail server: SMTP over verified TLS, within one deadline, and what went wrong."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from pydantic import SecretStr

from handoff.domain.connector import Outbound
from handoff.domain.errors import ConnectorError

UNWELCOME = frozenset({530, 534, 535, 538})
"""Replies that say that the login is not taken (RFC 4954): a person has to look."""
_REFUSED = 500


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mail server is, and who we are there."""

    host: str
    port: int
    at_once: bool
    """Whether TLS begins with the connection (465) or after STARTTLS (587)."""
    trust: ssl.SSLContext
    user: str | None
    password: SecretStr | None
    own_name: str
    deadline: float


def trust_of(authorities: Path | None) -> ssl.SSLContext:
    """Return what certificates are held against; raise ValueError where a file has none."""
    try:
        return ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError):
        raise ValueError("the file of authorities cannot be read") from None


class Line:
    """Opens a session per mail; thread-safe."""

    def __init__(self, server: Server, outbound: Outbound) -> None:
        """Keep where to and by which way out."""
        self._server = server
        self._outbound = outbound

    def send(self, sender: str, to: str, mail: bytes) -> None:
        """Hand a mail over; raise ConnectorError, `unknown` when it may have been taken."""
        with self._session() as session:
            session.sendmail(sender, [to], mail)

    def look(self) -> None:
        """Log in and do nothing; raise ConnectorError."""
        with self._session() as session:
            session.noop()

    @contextmanager
    def _session(self) -> "Iterator[_Session]":
        server = self._server
        dialled = self._outbound.dial(server.host, server.port, deadline=server.deadline)
        line = socket.socket(fileno=dialled.detach())
        line.settimeout(server.deadline)
        # Closing a copy ends the connection under whatever TLS has made of it by then.
        cut = line.dup()
        late = Timer(server.deadline, _ended, (cut,))
        late.daemon = True
        late.start()
        session = None
        try:
            session = _Session(server, line)
            session.secure()
            yield session
            with suppress(smtplib.SMTPException, OSError):
                session.quit()
        except (smtplib.SMTPException, OSError) as error:
            handed = session is not None and session.handed
            raise failure(error, handed=handed) from error
        finally:
            late.cancel()
            if session is not None:
                session.close()
            line.close()
            cut.close()


class _Session(smtplib.SMTP):
    """smtplib's session over a connection that is there already."""

    def __init__(self, server: Server, line: socket.socket) -> None:
        self.handed = False
        """Whether the mail itself was begun: from then on it may have been taken."""
        self._server = server
        self._line = line
        super().__init__(server.host, server.port, server.own_name, timeout=server.deadline)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 # smtplib's own
        if self._server.at_once:
            return self._server.trust.wrap_socket(self._line, server_hostname=host)
        return self._line

    def secure(self) -> None:
        """Begin TLS unless it began, and log in where there is a login; raise SMTPException."""
        if not self._server.at_once:
            self.starttls(context=self._server.trust)
        if self._server.user is not None and self._server.password is not None:
            self.login(self._server.user, self._server.password.get_secret_value())

    def data(self, msg: object) -> tuple[int, bytes]:
        """Send the mail itself."""
        self.handed = True
        return super().data(msg)  # type: ignore[arg-type] # bytes, of sendmail


def failure(error: Exception, *, handed: bool) -> ConnectorError:
    """Return what an error of a session means for the delivery; nothing of it is theirs to word."""
    code = _code(error)
    if code in UNWELCOME:
        told = f"the mail server refused the login ({code})"
        return ConnectorError(told, retryable=False, pause=True)
    if code:
        told = f"the mail server answered {code}"
        return ConnectorError(told, retryable=code < _REFUSED)
    return ConnectorError(_cause(error, handed=handed), unknown=handed)


def _cause(error: Exception, *, handed: bool) -> str:
    """Return why there was no answer."""
    if handed:
        return "the mail server broke off after it had the mail"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the mail server offers no TLS, or no login"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return "the TLS handshake failed"
    return "the mail server did not answer in time or broke off"


def _code(error: Exception) -> int:
    """Return the reply that an error carries, 0 without one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return codes[0] if codes else 0
    code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0
    return code if 400 <= code < 600 else 0


def _ended(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)

"""The guarded HTTP client: connectors and webhooks reach the outside through it and no other way.

httpcore is used without httpx's client on top: no redirects, cookies, proxies from the environment
or decompression can happen, because nothing here does them.
"""

import socket
import ssl
from dataclasses import dataclass
from time import monotonic

import httpcore
import httpx

from handoff.domain.errors import ConnectorError
from handoff.outbound.addresses import names_loopback
from handoff.outbound.network import GuardedBackend, Resolve, addresses_of

ANSWER_LIMIT = 65_536
"""Bytes of an answer that are read; the rest stays on the wire and the connection is closed."""
KEEP_ALIVE = 30.0
CONNECTIONS = 32
MAIL_PORTS = frozenset({25, 465, 587, 2525})
"""Ports of public mail servers."""
_PORTS = {b"https": 443, b"http": 80}
OWN_HEADERS = ((b"accept-encoding", b"identity"), (b"user-agent", b"handoff"))

BEFORE_SENDING = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
)
"""Failures that prove the request never left."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: header names in lower case, and at most ANSWER_LIMIT bytes of body."""

    status: int
    headers: dict[str, str]
    body: bytes


class GuardedClient:
    """Sends requests to public addresses only, each within one total deadline; thread-safe."""

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        allow_http: bool = False,
        allow_private: bool = False,
        ports: frozenset[int] = frozenset({443}),
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = addresses_of,
    ) -> None:
        """Set the rule: https on `ports` (and http on 80 with `allow_http`) to public addresses.

        `allow_loopback` adds this machine on any port, plain http too: for development.
        `allow_private` adds private networks in the same way: for what the operator named, never
        for what a tenant did. `tls` replaces the default trust, for a private authority.
        """
        self._allow_loopback = allow_loopback
        self._allow_http = allow_http or allow_private
        self._backend = GuardedBackend(
            ports | {80} if allow_http else ports,
            resolve,
            allow_loopback=allow_loopback,
            allow_private=allow_private,
        )
        self._lines = GuardedBackend(
            MAIL_PORTS, resolve, allow_loopback=allow_loopback, allow_private=True
        )
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or httpx.create_ssl_context(trust_env=False),
            max_connections=CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=self._backend,
        )

    def post(
        self, url: str, body: bytes, headers: dict[str, str], *, deadline: float = 15.0
    ) -> Reply:
        """Send; raise ConnectorError, `unknown` when the request may have arrived."""
        return self.send("POST", url, body, headers, deadline=deadline)

    def send(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: dict[str, str],
        *,
        deadline: float = 15.0,
    ) -> Reply:
        """Send by any method; raise as `post` does."""
        target = self._target(url)
        try:
            return self._exchange(method, target, body, headers, deadline)
        except BEFORE_SENDING as error:
            raise ConnectorError(f"could not connect: {_cause(error)}") from error
        except (httpcore.LocalProtocolError, UnicodeEncodeError) as error:
            raise ConnectorError("the request could not be formed", retryable=False) from error
        except httpcore.TimeoutException as error:
            raise ConnectorError(f"no full answer within {deadline:g} s", unknown=True) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise ConnectorError("the answer broke off or was not HTTP", unknown=True) from error

    def judge(self, url: str, *, deadline: float = 5.0) -> None:
        """Raise ConnectorError where `send` would not call a URL, or its name does not resolve.

        Nothing is connected to. What a name leads to may change: each `send` looks again.
        """
        target = self._target(url)
        port = target.port or _PORTS[target.scheme]
        try:
            self._backend.checked(target.host.decode("ascii"), port, monotonic() + deadline)
        except BEFORE_SENDING as error:
            raise ConnectorError(str(error)) from error

    def dial(self, host: str, port: int, *, deadline: float = 15.0) -> socket.socket:
        """Connect to a mail server that the operator named; raise ConnectorError.

        Private networks are allowed, for it is never a tenant who names it.
        """
        try:
            stream = self._lines.connect_tcp(host, port, monotonic() + deadline)
        except BEFORE_SENDING as error:
            raise ConnectorError(f"could not connect: {_cause(error)}") from error
        line: socket.socket = stream.get_extra_info("socket")
        return line

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()
        self._backend.close()
        self._lines.close()

    def _exchange(
        self,
        method: str,
        target: httpcore.URL,
        body: bytes,
        headers: dict[str, str],
        deadline: float,
    ) -> Reply:
        until = monotonic() + deadline
        # The pool waits by itself, for a duration; all else is our streams', which want an instant.
        timeouts = {"pool": deadline, "connect": until, "read": until, "write": until}
        with self._pool.stream(
            method,
            target,
            headers=[*OWN_HEADERS, *_ascii(headers)],
            content=body,
            extensions={"timeout": timeouts},
        ) as response:
            return Reply(response.status, _headers(response), _bounded(response))

    def _target(self, url: str) -> httpcore.URL:
        """Return the URL to call; raise ConnectorError if it is one the service must not use."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise _refused("the receiver's URL cannot be read") from error
        if parsed.userinfo:
            raise _refused("the receiver's URL must not carry a user name or password")
        if parsed.port is not None and not 0 < parsed.port < 65_536:
            raise _refused("the receiver's URL has a port that does not exist")
        host = parsed.raw_host.decode("ascii")  # as it is looked up: `host` refuses emoji's names
        if not host or parsed.scheme not in ("https", "http"):
            raise _refused("the receiver's URL must start with https:// and name a host")
        local = self._allow_loopback and names_loopback(host)
        if parsed.scheme == "http" and not (self._allow_http or local):
            raise _refused("the receiver's URL must start with https://")
        return httpcore.URL(
            scheme=parsed.raw_scheme,
            host=parsed.raw_host,
            port=parsed.port,
            target=parsed.raw_path,
        )


def _refused(message: str) -> ConnectorError:
    return ConnectorError(message, retryable=False)


def _ascii(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }


def _bounded(response: httpcore.Response) -> bytes:
    read = bytearray()
    for chunk in response.iter_stream():
        read += chunk
        if len(read) >= ANSWER_LIMIT:
            break
    return bytes(read[:ANSWER_LIMIT])


def _cause(error: Exception) -> str:
    """Return why there is no connection, without anything that the other side wrote."""
    first = error.__cause__ or error.__context__
    if isinstance(first, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({first.verify_message})"
    if isinstance(first, ssl.SSLError):
        return "the TLS handshake failed"
    if isinstance(error, httpcore.TimeoutException):
        return "timed out"
    if isinstance(first, ConnectionRefusedError):
        return "refused"
    return "unreachable or unknown name"

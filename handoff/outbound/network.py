"""Connecting and streaming for the guarded client: resolve, check, connect to what was checked.

Every `timeout` that reaches this module is an instant on the monotonic clock, not a duration: the
client gives one deadline for the whole exchange, and httpcore hands it to each read and write.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from ipaddress import ip_address
from time import monotonic
from typing import Any

import httpcore
from httpcore import SOCKET_OPTION

from handoff.domain.errors import ConnectorError
from handoff.outbound.addresses import Address, may_call

Resolve = Callable[[str, int], list[str]]
"""Host name and port to addresses; raises OSError where there are none."""

RESOLVERS = 16
"""Threads that wait for name servers: the system's resolver knows no deadline of ours.

More than the names of one tenant, whose name servers may be slow on purpose, can keep.
"""
SLICE = 16_384


def remaining(deadline: float | None, late: type[httpcore.TimeoutException]) -> float:
    """Return the seconds left until `deadline`; raise `late` if there are none."""
    left = (deadline or 0.0) - monotonic()
    if left <= 0:
        raise late("the deadline has passed")
    return left


def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses that the system's resolver knows, each once, in its order."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections to checked addresses only; TLS and Host still use the name."""

    def __init__(
        self,
        ports: frozenset[int],
        resolve: Resolve,
        *,
        allow_loopback: bool,
        allow_private: bool = False,
    ) -> None:
        """Keep the rule; loopback is for development, private networks for the house's own."""
        self._ports = ports
        self._allow_private = allow_private
        self._ask = resolve
        self._allow_loopback = allow_loopback
        self._plain = httpcore.SyncBackend()
        self._resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="resolve")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection; raise ConnectorError where the service may not call."""
        addresses = self.checked(host, port, timeout)
        return self._connect(addresses, port, timeout, local_address, socket_options)

    def checked(self, host: str, port: int, timeout: float | None) -> tuple[Address, ...]:
        """Return the addresses of a name; raise ConnectorError where the service may not call."""
        addresses = self._resolve(host, port, timeout)
        if not all(
            may_call(
                address,
                port,
                ports=self._ports,
                allow_loopback=self._allow_loopback,
                allow_private=self._allow_private,
            )
            for address in addresses
        ):
            raise ConnectorError(
                "the receiver's address or port is not one that may be called", retryable=False
            )
        return addresses

    def close(self) -> None:
        """Let the resolver threads go."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    def _resolve(self, host: str, port: int, deadline: float | None) -> tuple[Address, ...]:
        left = remaining(deadline, httpcore.ConnectTimeout)
        asked: Future[list[str]] = self._resolvers.submit(self._ask, host, port)
        try:
            found = asked.result(timeout=left)
        except TimeoutError as error:
            asked.cancel()  # nobody waits for it: what was not begun need not be asked any more
            raise httpcore.ConnectTimeout("the name servers did not answer") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the receiver's name does not resolve") from error
        return tuple(ip_address(text) for text in found)

    def _connect(
        self,
        addresses: tuple[Address, ...],
        port: int,
        deadline: float | None,
        local_address: str | None,
        socket_options: Iterable[SOCKET_OPTION] | None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("the receiver's name has no address")
        for tried, address in enumerate(addresses):
            share = remaining(deadline, httpcore.ConnectTimeout) / (len(addresses) - tried)
            try:
                stream = self._plain.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return DeadlineStream(stream)
        raise failure


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose reads and writes all end at one instant, however slow the other side."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        """Wrap a connected stream."""
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has arrived; raise ReadTimeout at the deadline."""
        return self._inner.read(max_bytes, remaining(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send in slices, so that a receiver that reads by the byte cannot stretch the deadline."""
        for start in range(0, len(buffer), SLICE):
            left = remaining(timeout, httpcore.WriteTimeout)
            self._inner.write(buffer[start : start + SLICE], left)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the connection under TLS for the name; the handshake ends at the deadline too."""
        left = remaining(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks of the socket (is it readable, which TLS)."""
        return self._inner.get_extra_info(info)

    def close(self) -> None:
        """Close the socket."""
        self._inner.close()

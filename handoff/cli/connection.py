"""A connection of the server: headers that do not come in time, or without end, close it."""

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PATIENCE = 10.0
"""Seconds from the connection, or from a request's first byte, until its headers are whole."""
LARGEST = 32_768
"""Bytes of headers."""


class Connection(HttpToolsProtocol):
    """Uvicorn's own, which would wait for ever for the end of headers and keep all of them."""

    def __init__(self, *args: Any, **told: Any) -> None:
        """Wait for a first request."""
        super().__init__(*args, **told)
        self._within = True
        self._read = 0
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Begin to wait."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(PATIENCE, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note that headers begin."""
        self._within, self._read = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that they are whole."""
        self._within = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on; a timer runs only where one piece did not bring whole headers."""
        goes_on = self._within
        super().data_received(data)
        if not self._within:
            self._stop()
            return
        self._read += len(data) if goes_on else 0
        if self._read > LARGEST:
            self.transport.close()
        elif self._timer is None:
            self._timer = self.loop.call_later(PATIENCE, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

"""A webhook receiver on loopback: takes only what is signed with its secret, and keeps it."""

import base64
import json
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from standardwebhooks import Webhook, WebhookVerificationError


def new_secret() -> str:
    """Return a new webhook secret."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class Receiver:
    """Listens while it is used as a context."""

    def __init__(self, secret: str) -> None:
        """Listen on a free port."""
        self.arrived: dict[str, str] = {}
        """`webhook-id` to what happened, of everything whose signature was right."""
        verifier, arrived = Webhook(secret), self.arrived

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Verify, keep, answer."""
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                try:
                    verifier.verify(body, headers)
                except WebhookVerificationError:
                    self.send_error(401)
                    return
                arrived[headers["webhook-id"]] = json.loads(body)["type"]
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> Self:
        """Begin."""
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

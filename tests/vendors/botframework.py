"""The Bot Connector on loopback, as its documents say: logins, activities, published keys."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from urllib.parse import parse_qsl, unquote

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from handoff.domain.connector import Callback
from tests.receiver import Received
from tests.vendors.answers import asked, told

APP = "8a1c0c5e-0000-4000-8000-000000000001"
SETTINGS = {"app_id": APP, "app_secret": "tok", "bot_id": "bot-1"}
SERVICE = "https://directline.example/"
ISSUER = "https://api.botframework.com"
CONVERSATION = "conv-esc_1"


@cache
def key(name: str) -> RSAPrivateKey:
    """Return a key of the service, made once for each name."""
    assert name
    return generate_private_key(65_537, 2_048)


def urlsafe(data: bytes) -> str:
    """Return bytes as tokens have them."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Connector:
    """Answers each call; `activities` that were sent by id, and how often somebody logged in.

    An activity's id is the delivery's: real ones are new with every repeat, and hubs tell those
    apart by the delivery's id.
    """

    activities: dict[str, dict[str, object]] = field(default_factory=dict)
    events: list[dict[str, object]] = field(default_factory=list)
    logins: int = 0
    editable: bool = True

    def __call__(self, request: Received) -> Iterator[bytes]:
        """Answer one call."""
        method, path, _ = asked(request)
        host = f"http://{request.headers['host']}"
        if path.endswith("/oauth2/v2.0/token"):
            return self._logged_in(request)
        if path.endswith("openidconfiguration"):
            return told(request, {"issuer": ISSUER, "jwks_uri": f"{host}/v1/.well-known/keys"})
        if path.endswith("/keys"):
            return told(request, {"keys": [published()]})
        if request.headers.get("authorization") != f"Bearer bot-token-{self.logins}":
            return told(request, {"error": {"code": "Unauthorized"}}, "401 Unauthorized")
        return self._taken(request, method, unquote(path))

    def _logged_in(self, request: Received) -> Iterator[bytes]:
        form = dict(parse_qsl(request.body.decode()))
        if form.get("client_secret") != "tok":
            return told(request, {"error": "invalid_client"}, "400 Bad Request")
        self.logins += 1
        token = f"bot-token-{self.logins}"
        return told(request, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"})

    def _taken(self, request: Received, method: str, path: str) -> Iterator[bytes]:
        if path.split("/")[3] != CONVERSATION:
            return told(request, {"error": {"code": "ConversationNotFound"}}, "404 Not Found")
        if method == "PUT" and not self.editable:
            return told(request, {"error": {"code": "NotSupported"}}, "405 Not Allowed")
        activity = json.loads(request.body)
        self.events.append(activity)
        number = f"act-{activity['value']['handoff_delivery_id']}"
        number = path.rpartition("/")[2] if method == "PUT" else number
        self.activities[number] = activity
        return told(request, {"id": number})


def published() -> dict[str, object]:
    """Return the service's key as it publishes it."""
    numbers = key("kid-1").public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "kid": "kid-1",
        "n": urlsafe(numbers.n.to_bytes(256, "big")),
        "e": urlsafe(numbers.e.to_bytes(3, "big")),
        "endorsements": ["directline", "msteams"],
    }


def token(at: datetime, name: str = "kid-1", alg: str = "RS256", **claims: object) -> str:
    """Return a token of the service's, good for an hour."""
    second = int(at.timestamp())
    stated = {"iss": ISSUER, "aud": APP, "nbf": second, "exp": second + 3600}
    stated |= {"serviceurl": SERVICE, **claims}
    head = urlsafe(json.dumps({"alg": alg, "kid": "kid-1", "typ": "JWT"}).encode())
    signed = f"{head}.{urlsafe(json.dumps(stated).encode())}"
    return f"{signed}.{urlsafe(key(name).sign(signed.encode(), PKCS1v15(), SHA256()))}"


def signed(body: bytes, at: datetime) -> Callback:
    """Return a callback with the service's token."""
    return Callback({"authorization": f"Bearer {token(at)}"}, body, at)


def status(state: object, message: object = None, **more: object) -> bytes:
    """Return a `handoff.status` of the hub."""
    activity = {
        "type": "event",
        "name": "handoff.status",
        "id": "7CRz3Bnr",
        "channelId": "directline",
        "serviceUrl": SERVICE,
        "from": {"id": "hub", "name": "Zoe"},
        "conversation": {"id": CONVERSATION},
        "value": {"state": state, "message": message},
        **more,
    }
    return json.dumps(activity).encode()

"""Tokens of the Bot Connector: the bot's own to call with, and the service's, which is verified.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import JsonValue

from handoff.domain.answers import answered, list_in, refusal, told_in, undocumented
from handoff.domain.connector import Outbound
from handoff.domain.errors import ConnectorError, Unauthenticated
from handoff.domain.json_api import QUICK

ALGORITHM = "RS256"
SCOPE = "https://api.botframework.com/.default"
EARLY = timedelta(minutes=5)
"""A token is renewed this long before it ends."""
SKEW = 300
"""Seconds that clocks may differ by."""
OLDEST, SOONEST = timedelta(hours=24), timedelta(minutes=10)
"""How long keys are kept, and how soon an unknown one has them asked for anew."""
AGAIN = timedelta(seconds=5)
"""How soon keys that could not be had are asked for anew: who forges tokens causes no calls."""
_REFUSED = frozenset({400, 401, 403})
_LONGEST = 8_000
_BITS = (2_048, 8_192)
_NO_CLOCK: jwt.types.Options = {
    "require": ["exp"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
"""The library would ask the machine's clock: times are looked at by that of the callback."""


class Login:
    """Gets the bot's token, and keeps it while it is good."""

    def __init__(
        self, outbound: Outbound, url: str, app_id: str, secret: str, deadline: float
    ) -> None:
        """Keep where to ask, and as whom."""
        self._outbound = outbound
        self._url = f"{url.rstrip('/')}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": secret,
            "scope": SCOPE,
        }
        self._deadline = deadline
        self._kept: tuple[str, datetime] | None = None

    def token(self, at: datetime) -> str:
        """Return a token; raise ConnectorError, which pauses where the login is refused."""
        kept = self._kept
        if kept is not None and at < kept[1]:
            return kept[0]
        body, form = urlencode(self._form).encode(), "application/x-www-form-urlencoded"
        headers = {"content-type": form, "accept": "application/json"}
        reply = self._outbound.post(self._url, body, headers, deadline=self._deadline)
        error = refusal(reply.status, reply.headers, at)
        if error is not None and reply.status in _REFUSED:
            raise ConnectorError(f"the login: {error.message}", retryable=False, pause=True)
        if error is not None:
            raise error
        told = answered(reply, at)
        token, seconds = told_in(told, "access_token"), told_in(told, "expires_in")
        if not token.isascii() or not token.isprintable() or not token:
            raise undocumented()
        lasts = timedelta(seconds=int(seconds[:6])) if seconds.isdigit() else EARLY
        self._kept = (token, at + lasts - EARLY)
        return token

    def forget(self) -> None:
        """Ask anew next time: the token was not taken."""
        self._kept = None


class Keys:
    """Verifies tokens by the keys that the service publishes, asked for when they are needed."""

    def __init__(self, outbound: Outbound, url: str, issuer: str, audience: str) -> None:
        """Keep where the keys are, who signs with them, and for whom."""
        self._outbound = outbound
        self._url = url
        self._issuer = issuer
        self._audience = audience
        self._kept: dict[str, tuple[RSAPublicKey, frozenset[str]]] = {}
        self._asked: datetime | None = None
        self._failed: datetime | None = None

    def verified(
        self, authorization: str, at: datetime
    ) -> tuple[dict[str, JsonValue], frozenset[str]]:
        """Return a token's claims and the channels its key is good for; raise Unauthenticated."""
        kind, _, token = authorization[:_LONGEST].partition(" ")
        if kind.casefold() != "bearer":
            raise Unauthenticated("the token is missing")
        try:
            header = jwt.get_unverified_header(token.strip())
            if header.get("alg") != ALGORITHM:  # before anybody is asked for a key
                raise Unauthenticated("the token is signed by no algorithm that is taken")
            key, endorsed = self._key(str(header.get("kid")), at)
            claims: dict[str, JsonValue] = jwt.decode(
                token.strip(),
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                options=_NO_CLOCK,
            )
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Unauthenticated("the token is malformed, forged, or for another") from None
        begins, ends, now = claims.get("nbf", 0), claims["exp"], at.timestamp()
        if not isinstance(begins, int | float) or not isinstance(ends, int | float):
            raise Unauthenticated("the token has no time")
        if not begins - SKEW <= now <= ends + SKEW:
            raise Unauthenticated("the token is over, or not yet begun")
        return claims, endorsed

    def _key(self, kid: str, at: datetime) -> tuple[RSAPublicKey, frozenset[str]]:
        age = at - self._asked if self._asked is not None else OLDEST
        if age >= OLDEST or (kid not in self._kept and age >= SOONEST):
            if self._failed is not None and at - self._failed < AGAIN:
                raise Unauthenticated("the keys cannot be had: try again")
            self._kept, self._asked = self._published(at), at
        found = self._kept.get(kid)
        if found is None:
            raise Unauthenticated("the token is signed with no key that is known")
        return found

    def _published(self, at: datetime) -> dict[str, tuple[RSAPublicKey, frozenset[str]]]:
        try:
            place = told_in(self._asked_for(self._url, at), "jwks_uri")
            if urlsplit(place)[:2] != urlsplit(self._url)[:2]:
                raise Unauthenticated("the keys would come from elsewhere")
            keys = list_in(self._asked_for(place, at), "keys")
        except ConnectorError:
            self._failed = at
            raise Unauthenticated("the keys cannot be had: try again") from None
        return {told_in(one, "kid"): read for one in keys if (read := _read(one))}

    def _asked_for(self, url: str, at: datetime) -> dict[str, JsonValue]:
        headers = {"accept": "application/json"}
        return answered(self._outbound.send("GET", url, b"", headers, deadline=QUICK), at)


def _read(key: JsonValue) -> tuple[RSAPublicKey, frozenset[str]] | None:
    """Return a published key and the channels it is good for; None of one that is none of ours."""
    if not isinstance(key, dict):
        return None
    try:
        read = jwt.PyJWK(key, algorithm=ALGORITHM).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if not isinstance(read, RSAPublicKey) or not _BITS[0] <= read.key_size <= _BITS[1]:
        return None
    return read, frozenset(str(one) for one in list_in(key, "endorsements"))

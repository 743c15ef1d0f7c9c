"""Find out who asks, for every route alike: an API key, or the session of a login."""

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from handoff.api.errors import CrossSite, problem
from handoff.services.access import Principal
from handoff.services.door import LONGEST, Credential, Door, Kind

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "handoff_session"
SECURE_COOKIE = "__Host-handoff_session"
_BEARER = "bearer "

Headers = dict[bytes, bytes]


class Identify:
    """Puts the Principal, or None, where routes and pages find it: `request.state.principal`.

    A request that changes something without an API key must not come from another site's page: its
    browser would send the cookie along. Browsers tell by `Sec-Fetch-Site`, older ones by `Origin`;
    who tells neither is no browser (the algorithm of Go's net/http.CrossOriginProtection).

    Cookies go no further: the framework would parse them for every route, with http.cookies,
    which needs quadratic time for a quoted value (CVE-2024-7592).
    """

    def __init__(self, app: ASGIApp, door: Door, cookie: str) -> None:
        """Stand before `app`."""
        self._app = app
        self._door = door
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Identify, refuse what crosses sites, or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: Headers = dict(scope["headers"])
        key = b"authorization" in headers
        if not key and scope["method"] not in SAFE and _crosses(headers):
            refusal = problem(CrossSite(), scope["path"])
            await refusal(scope, receive, send)
            return
        credential = _key(headers) if key else _session(headers, self._cookie)
        principal = None if credential is None else await self._recognise(credential)
        if b"cookie" in headers:
            scope["headers"] = [each for each in scope["headers"] if each[0] != b"cookie"]
        scope.setdefault("state", {}).update(principal=principal, credential=credential)
        await self._app(scope, receive, send)

    async def _recognise(self, credential: Credential) -> Principal | None:
        known = self._door.remembered(credential)
        return known or await run_in_threadpool(self._door.recognise, credential)


def _key(headers: Headers) -> Credential | None:
    value = headers[b"authorization"].decode("latin-1")
    if value[: len(_BEARER)].lower() != _BEARER:
        return None
    return Credential(Kind.KEY, value[len(_BEARER) :].strip())


def _session(headers: Headers, name: str) -> Credential | None:
    """Return the login's cookie as we set it; what is quoted or longer is not of our making."""
    for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            ours = len(value) <= LONGEST and not value.startswith('"')
            return Credential(Kind.SESSION, value) if ours else None
    return None


def _crosses(headers: Headers) -> bool:
    """Tell whether a browser says that another site's page made the request."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in (b"same-origin", b"none")
    origin = headers.get(b"origin")
    if origin is None:
        return False
    try:
        host = urlsplit(origin.decode("latin-1")).netloc
    except ValueError:
        return True
    return host.encode("latin-1") != headers.get(b"host")

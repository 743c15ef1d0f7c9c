"""Requests of our connectors, brought into the form that a vendor's description has of them.

What is moved or left out is listed here, and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.receiver import Received
from tests.vendors.answers import asked

SLACK_NEWER = frozenset({"metadata", "include_all_metadata"})
"""Fields of Slack's API that are newer than its description of 2021."""
SLACK_UNDESCRIBED = frozenset({"conversations.history", "users.info"})
"""Methods we call that the description does not have."""
SLACK_QUERIED = frozenset({"views.open"})
"""Methods that the description has as GET; Slack takes POST, which has room for a view."""
SLACK_IN_QUERY = frozenset({"conversations.replies"})
"""Methods whose description wants the bearer's token as a field of the query."""

LOOPBACK, NAMED = b"http://127.0.0.1:8080/", b"https://handoff.example/"
"""Prism's format `url` refuses this machine's address, where the tests' links lead."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """Where a vendor's description is, and how a request becomes one that it knows."""

    description: str
    adapted: Callable[[Received], Received | None] = lambda request: request
    """Returns the request as described; None of one whose operation is not described."""


def _slack(request: Received) -> Received | None:
    method, path, query = asked(request)
    name = path.rpartition("/")[2]
    if name in SLACK_UNDESCRIBED:
        return None
    token = request.headers["authorization"].removeprefix("Bearer ")
    body = dict(parse_qsl(request.body.decode()))
    query, body = (
        {key: value for key, value in fields.items() if key not in SLACK_NEWER}
        for fields in (query, body)
    )
    if name in SLACK_QUERIED:
        method, query, body = "GET", body, {}
    if name in SLACK_IN_QUERY:
        query |= {"token": token}
    line = f"{method} /{name}?{urlencode(query)} HTTP/1.1"
    headers = {**request.headers, "token": token}
    return Received(line, headers, urlencode(body).encode())


def _flex(request: Received) -> Received | None:
    """Return what is Flex's own: its tasks are TaskRouter's."""
    return request if " /v1/Interactions" in request.line else None


TELNYX_UNDESCRIBED = ("/active_calls", "/gather_using_speak")
"""Operations we call that the description does not have."""


def _telnyx(request: Received) -> Received | None:
    return None if any(one in request.line for one in TELNYX_UNDESCRIBED) else request


GENESYS_DESCRIBED = ("/participants/", "/conversations/callbacks HTTP")
"""What the description of Genesys has of the operations we call; it has no token and no reading."""


def _genesys(request: Received) -> Received | None:
    return request if any(one in request.line for one in GENESYS_DESCRIBED) else None


def _freshdesk(request: Received) -> Received | None:
    """Return what is of tickets: notes and lists of them are in another description."""
    _, path, _ = asked(request)
    other = path.endswith(("/notes", "/conversations"))
    return None if other else _without(request, "/api/v2")


def _freshdesk_notes(request: Received) -> Received | None:
    _, path, _ = asked(request)
    ours = path.endswith(("/notes", "/conversations"))
    return _without(request, "/api/v2") if ours else None


def _without(request: Received, base: str) -> Received:
    return replace(request, line=request.line.replace(f" {base}/", " /", 1))


def _servicenow(request: Received) -> Received | None:
    return _without(request, "/api/now")


def _pagerduty(request: Received) -> Received | None:
    return replace(request, body=request.body.replace(LOOPBACK, NAMED))


VENDORS = {
    "slack": Vendor("slack.json", _slack),
    "zendesk": Vendor("no-licence/zendesk-support.json"),
    "twilio_taskrouter": Vendor("twilio-taskrouter.json"),
    "twilio_flex": Vendor("twilio-flex.json", _flex),
    "telnyx": Vendor("no-licence/telnyx.json", _telnyx),
    "genesys": Vendor("no-licence/genesys-conversations.json", _genesys),
    "chatwoot": Vendor("chatwoot.json"),
    "intercom": Vendor("intercom.json"),
    "sunshine": Vendor("no-licence/sunshine-conversations.json"),
    "freshdesk": Vendor("no-licence/freshdesk-tickets.json", _freshdesk),
    "freshdesk notes": Vendor("no-licence/freshdesk-conversations.json", _freshdesk_notes),
    "servicenow": Vendor("no-licence/servicenow-table.json", _servicenow),
    "pagerduty": Vendor("no-licence/pagerduty-events.json", _pagerduty),
}
"""Connector to its vendor's description; after a space, what of it a further one describes."""


def target(request: Received) -> str:
    """Return path and query of a request."""
    parts = urlsplit(request.line.split(" ")[1])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path

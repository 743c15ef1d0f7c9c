"""Calls of Slack's Web API through the guarded way out, and what its answers mean.

https://docs.slack.dev/apis/web-api and each method's own page of errors.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from pydantic import JsonValue

from handoff.domain.answers import answered, told_in, undocumented
from handoff.domain.connector import Outbound
from handoff.domain.errors import ConnectorError

PAUSING = frozenset(
    {
        "account_inactive",
        "app_missing",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
"""Errors that a person has to look at: the app is not welcome (any more)."""
PASSING = frozenset({"rate_limited", "ratelimited"})
UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Errors of Slack's own, after which it may have done what it was asked."""
LONGEST = 60


class Api:
    """One app in one workspace."""

    def __init__(self, outbound: Outbound, base: str, token: str, deadline: float) -> None:
        """Keep the way out and the token."""
        self._outbound = outbound
        self._base = base.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"}
        self._deadline = deadline

    def post(
        self,
        method: str,
        arguments: Mapping[str, str],
        at: datetime,
        *,
        deadline: float | None = None,
    ) -> dict[str, JsonValue]:
        """Return the answer of a method that changes something; raise ConnectorError."""
        form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        reply = self._outbound.post(
            f"{self._base}/{method}",
            urlencode(arguments).encode(),
            self._headers | form,
            deadline=deadline or self._deadline,
        )
        return _checked(answered(reply, at))

    def get(
        self,
        method: str,
        arguments: Mapping[str, str],
        at: datetime,
        *,
        deadline: float | None = None,
    ) -> dict[str, JsonValue]:
        """Return the answer of a method that only looks; raise ConnectorError."""
        query = f"?{urlencode(arguments)}" if arguments else ""
        reply = self._outbound.send(
            "GET",
            f"{self._base}/{method}{query}",
            b"",
            self._headers,
            deadline=deadline or self._deadline,
        )
        return _checked(answered(reply, at))


def _checked(answer: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return an answer that says `ok`; raise what any other means."""
    if answer.get("ok") is True:
        return answer
    said = told_in(answer, "error")
    code = said[:LONGEST] if said.replace("_", "").isalnum() and said.isascii() else ""
    if not code or answer.get("ok") is not False:
        raise undocumented()
    message = f"Slack answered {code}"
    if code in PASSING:
        raise ConnectorError(message)
    if code in UNSURE:
        raise ConnectorError(message, unknown=True)
    raise ConnectorError(message, retryable=False, pause=code in PAUSING)

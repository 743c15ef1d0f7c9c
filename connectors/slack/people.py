"""Who somebody at Slack is here: by the e-mail that their workspace knows."""

from collections.abc import Mapping
from datetime import datetime

from connectors.slack.api import Api
from handoff.domain.answers import told_in
from handoff.domain.errors import ConnectorError, Invalid

MOST = 1_000
"""People remembered; past it all are forgotten."""


class People:
    """Asks Slack once for each person, and keeps the answer."""

    def __init__(self, api: Api, names: Mapping[str, str], deadline: float) -> None:
        """Keep whom to ask, and the names that e-mails have here."""
        self._api = api
        self._names = {email.casefold(): name for email, name in names.items()}
        self._deadline = deadline
        self._known: dict[str, str] = {}

    def name(self, user_id: str, at: datetime) -> str:
        """Return a person's name here: by their e-mail address, their Slack id without one.

        Raise Invalid for guests, bots and people of other workspaces: none of them is an agent. So
        it is where Slack does not tell who somebody is.
        """
        known = self._known.get(user_id)
        if known is not None:
            return known
        try:
            answer = self._api.get("users.info", {"user": user_id}, at, deadline=self._deadline)
        except ConnectorError as error:
            raise Invalid("Slack does not tell who this is: please try again") from error
        user = answer.get("user")
        flags = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
        if not isinstance(user, dict) or any(user.get(flag) is True for flag in flags):
            raise Invalid("only members of the workspace act on escalations")
        email = told_in(user, "profile", "email").casefold()
        name = self._names.get(email, email) or f"slack:{user_id}"
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[user_id] = name
        return name

"""PagerDuty: one alert for each incident of ours, by Events API v2, resolved with it.

https://developer.pagerduty.com/docs/events-api-v2/overview/
"""

import json
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, JsonValue, SecretStr

from handoff.domain.answers import refusal
from handoff.domain.audit import timestamp
from handoff.domain.connector import Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError, Unauthenticated
from handoff.domain.incident import Incident

SUMMARY = 1_024
"""Characters that PagerDuty keeps of a summary."""


class PagerDuty:
    """Triggers an alert per incident and resolves it with it. Duplicates: none (`dedup_key`).

    Many escalations for one cause are one alert; single ones are none. Each event says how the
    incident is now: a late one cannot open again what is over, for who resolves what is not open
    is not heard there.
    """

    class Config(BaseModel):
        """Which integration is told, and how loud."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        routing_key: SecretStr = Field(min_length=1, description="the integration key (Events v2)")
        severity: Literal["critical", "error", "warning", "info"] = Field(
            default="error", description="severity of each alert"
        )
        source: str = Field(
            default="handoff", min_length=1, max_length=200, description="source of each alert"
        )
        url: HttpUrl = Field(
            default=HttpUrl("https://events.pagerduty.com/v2"),
            description="base of the Events API; another one in the EU",
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    hears: ClassVar = False
    incidents: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep the way out and the key."""
        self._config = config
        self._outbound = outbound
        self._url = str(config.url).rstrip("/") + "/enqueue"

    def deliver(self, parcel: Parcel) -> Receipt:
        """Trigger or resolve by how the incident is; raise ConnectorError where there is none."""
        if parcel.incident is None:
            raise ConnectorError("only incidents are told to PagerDuty", retryable=False)
        event = self._event(parcel, parcel.incident)
        headers = {"content-type": "application/json"}
        reply = self._outbound.post(
            self._url, json.dumps(event).encode(), headers, deadline=self._config.deadline
        )
        error = refusal(reply.status, reply.headers, parcel.at)
        if error is not None:
            raise error
        return Receipt(parcel.incident.incident_id)

    def look_up(self, parcel: Parcel) -> Receipt | None:  # noqa: ARG002 # the port's argument
        """Raise ConnectorError: events cannot be asked for, and bear repeating."""
        raise ConnectorError("events cannot be asked for", unknown=True, retryable=False)

    def understand(self, callback: Callback) -> tuple[Said, ...]:  # noqa: ARG002 # the port's argument
        """Raise Unauthenticated: an alert is nobody's to take here."""
        raise Unauthenticated("PagerDuty calls nobody back here")

    def _event(self, parcel: Parcel, incident: Incident) -> JsonValue:
        event: dict[str, JsonValue] = {
            "routing_key": self._config.routing_key.get_secret_value(),
            "dedup_key": incident.incident_id,
            "event_action": "trigger" if incident.closed_at is None else "resolve",
        }
        if incident.closed_at is not None:
            return event
        told = f"Many escalations in {incident.queue} because {incident.title}"
        payload: JsonValue = {
            "summary": told[:SUMMARY],
            "source": self._config.source,
            "severity": self._config.severity,
            "timestamp": timestamp(incident.opened_at),
            "group": incident.queue,
            "class": "escalation storm",
            "custom_details": {
                "tenant": incident.tenant,
                "cause": incident.cause,
                "escalations": incident.escalations,
                "held": incident.held,
            },
        }
        links: list[JsonValue] = []
        if parcel.card_url:
            links.append({"href": parcel.card_url, "text": "one of its escalations"})
        return event | {"client": "handoff", "payload": payload, "links": links}

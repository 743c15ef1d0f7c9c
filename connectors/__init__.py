"""The outside systems a card can be sent to: name to class, resolved when it is used."""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from handoff.domain.connector import Connector, Outbound
from handoff.domain.errors import Invalid, MissingExtra

CONNECTORS: dict[str, str] = {
    "desk": "connectors.desk:Desk",
    "webhook": "connectors.webhook:Webhook",
    "outbox_dir": "connectors.outbox_dir:OutboxDir",
    "slack": "connectors.slack:Slack",
    "zendesk": "connectors.zendesk:Zendesk",
    "twilio_taskrouter": "connectors.twilio.taskrouter:TaskRouter",
    "twilio_flex": "connectors.twilio.flex:Flex",
    "telnyx": "connectors.telnyx:Telnyx",
    "email": "connectors.email:Email",
    "request_tracker": "connectors.request_tracker:RequestTracker",
    "chatwoot": "connectors.chatwoot:Chatwoot",
    "amazon_connect": "connectors.amazon_connect:AmazonConnect",
    "sunshine": "connectors.sunshine:Sunshine",
    "intercom": "connectors.intercom:Intercom",
    "botframework": "connectors.botframework:BotFramework",
    "pagerduty": "connectors.pagerduty:PagerDuty",
    "teams": "connectors.teams:Teams",
    "genesys": "connectors.genesys:Genesys",
    "freshdesk": "connectors.freshdesk:Freshdesk",
    "servicenow": "connectors.servicenow:ServiceNow",
}

EXTRAS = {"slack": "slack", "amazon_connect": "amazon"}
"""Connector to the extra that has the package it needs."""


class ConnectorClass(Protocol):
    """What every connector class offers: its settings, and one way to make it."""

    Config: type[BaseModel]

    def __call__(self, config: BaseModel, outbound: Outbound) -> Connector: ...


def resolve(name: str) -> ConnectorClass:
    """Return the class of a connector; raise Invalid if there is none, MissingExtra if it lacks."""
    target = CONNECTORS.get(name)
    if target is None:
        raise Invalid(f"there is no connector {name!r}; there are: {', '.join(CONNECTORS)}")
    module, _, attribute = target.partition(":")
    try:
        return cast(ConnectorClass, getattr(import_module(module), attribute))
    except ModuleNotFoundError as error:
        told = f"the connector {name!r} needs the package {error.name!r}"
        if name in EXTRAS:
            told += f": pip install '.[{EXTRAS[name]}]'"
        raise MissingExtra(told) from error


def connect(
    name: str, settings: Mapping[str, JsonValue], outbound: Outbound, *, called: str | None = None
) -> Connector:
    """Return a connector made from its settings; raise Invalid naming what is wrong with them.

    `called` is the name that it is configured by, where that is another one.
    """
    kind = resolve(name)
    try:
        config = kind.Config.model_validate(settings)
    except ValidationError as error:
        # Only places and rules: a message with the input in it could show a secret.
        told = "; ".join(_cause(kind.Config, one) for one in error.errors())
        raise Invalid(f"settings of the connector {called or name!r}: {told}") from None
    return kind(config, outbound)


def _cause(config: type[BaseModel], error: ErrorDetails) -> str:
    setting = ".".join(map(str, error["loc"]))
    match error["type"]:
        case "missing":
            return f"{setting} is needed"
        case "extra_forbidden":
            return f"there is no {setting}, but {', '.join(config.model_fields)}"
        case "too_short":
            return f"{setting} is too short: {error['ctx']['min_length']} or more"
        case _:
            return f"{setting} {error['msg'].removeprefix('Value error, ')}"

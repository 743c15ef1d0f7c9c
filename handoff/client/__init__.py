"""The SDK: talk to a handoff service from Python, with retries that never do a thing twice."""

from handoff.client.answers import (
    Control,
    Delivery,
    Escalation,
    Event,
    Opened,
    Reason,
    Replay,
    TurnAnswer,
    Webhook,
)
from handoff.client.errors import (
    ClientError,
    Conflict,
    ControlLost,
    Forbidden,
    IllegalMove,
    KeyReused,
    NotFound,
    Overloaded,
    Refused,
    ServerFault,
    StaleVersion,
    TurnConflict,
    Unauthenticated,
    Unreachable,
)
from handoff.client.sending import Patience
from handoff.client.sync import Client

__all__ = [
    "Client",
    "ClientError",
    "Conflict",
    "Control",
    "ControlLost",
    "Delivery",
    "Escalation",
    "Event",
    "Forbidden",
    "IllegalMove",
    "KeyReused",
    "NotFound",
    "Opened",
    "Overloaded",
    "Patience",
    "Reason",
    "Refused",
    "Replay",
    "ServerFault",
    "StaleVersion",
    "TurnAnswer",
    "TurnConflict",
    "Unauthenticated",
    "Unreachable",
    "Webhook",
]

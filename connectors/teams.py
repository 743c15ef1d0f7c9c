"""Microsoft Teams: the card as an adaptive card in a channel, by a workflow's webhook.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""

import json
from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    JsonValue,
    SecretStr,
    TypeAdapter,
    ValidationError,
)

from handoff.cards import Context, render
from handoff.domain.answers import refusal
from handoff.domain.connector import (
    ENDS,
    NOTHING,
    WITHDRAWN,
    Callback,
    Moves,
    Outbound,
    Parcel,
    Said,
)
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError, Unauthenticated
from handoff.domain.standing import placed

LIMIT = 28_000
"""Bytes of a message in Teams; a card of text is a tenth of that."""
_LINE = 1_000
_URL = TypeAdapter(HttpUrl)


def _web_address(url: SecretStr) -> SecretStr:
    """Return the address; raise ValueError where it is none."""
    try:
        _URL.validate_python(url.get_secret_value())
    except ValidationError:
        raise ValueError("must be the URL of a workflow") from None
    return url


Address = Annotated[SecretStr, AfterValidator(_web_address)]


class Teams:
    """Posts a card to a channel for each new card and end. Duplicates: possible, they look alike.

    A workflow's webhook cannot change what it posted, has no key for repeats and cannot be asked:
    each event is a message, and an unknown outcome is posted again.
    """

    class Config(BaseModel):
        """The workflows that post, by queue; their addresses are secrets."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        url: Address = Field(description="URL of the workflow for all other queues, as it is given")
        urls: dict[str, Address] = Field(default_factory=dict, description="queue to its URL")
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    hears: ClassVar = False

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep the way out and the addresses."""
        self._config = config
        self._outbound = outbound

    def deliver(self, parcel: Parcel) -> Receipt:
        """Post a message; any 2xx confirms it."""
        if parcel.reference is None and parcel.event in ENDS:
            return Receipt(NOTHING)
        url = self._config.urls.get(parcel.escalation.queue, self._config.url).get_secret_value()
        body = json.dumps(message(parcel)).encode()
        headers = {"content-type": "application/json"}
        reply = self._outbound.post(url, body, headers, deadline=self._config.deadline)
        error = refusal(reply.status, reply.headers, parcel.at)
        if error is not None:
            raise error
        return Receipt(parcel.escalation.escalation_id)

    def look_up(self, parcel: Parcel) -> Receipt | None:  # noqa: ARG002 # the port's argument
        """Raise ConnectorError: a workflow cannot be asked what it posted."""
        raise ConnectorError("a workflow cannot be asked", unknown=True, retryable=False)

    def understand(self, callback: Callback) -> tuple[Said, ...]:  # noqa: ARG002 # the port's argument
        """Raise Unauthenticated: a workflow calls nobody back."""
        raise Unauthenticated("Teams calls nobody back here")


def message(parcel: Parcel) -> dict[str, JsonValue]:
    """Return the message: one adaptive card whose runs of text know no Markdown and no mention."""
    escalation = parcel.escalation
    shows_card = parcel.event in ("opened", "updated")
    lines = render(parcel.card, "text", Context(link=parcel.card_url)).splitlines()
    first, *rest = [line for line in lines if line.strip()] or [escalation.escalation_id]
    body: list[JsonValue] = [
        _run(first, weight="Bolder", size="Medium"),
        _run(status_line(parcel), isSubtle=True),
    ]
    if shows_card:
        body += [_run(line) for line in rest]
    card: dict[str, JsonValue] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": first[:_LINE],
        "body": [{"type": "Container", "id": parcel.delivery_id, "items": body}],
    }
    if parcel.card_url:
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": "Open at the desk", "url": parcel.card_url}
        ]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def status_line(parcel: Parcel) -> str:
    """Return where the escalation stands, in a line."""
    if parcel.event == "withdrawn":
        return WITHDRAWN
    renewed = f" (card {parcel.card.card_version})" if parcel.event == "updated" else ""
    return f"{placed(parcel.escalation)}{renewed}"


def _run(text: str, **looks: JsonValue) -> JsonValue:
    """Return a paragraph of plain text."""
    run: JsonValue = {"type": "TextRun", "text": text[:_LINE], **looks}
    return {"type": "RichTextBlock", "inlines": [run]}

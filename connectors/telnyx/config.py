"""What the connector `telnyx` is told: the account, destinations, and how callers get there."""

import base64
import binascii
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, model_validator

Destination = Annotated[str, Field(pattern=r"^(\+[0-9]{5,15}|sips?:[!-;=?-~]{1,200})$")]
HeaderName = Annotated[str, Field(pattern=r"^X-[A-Za-z0-9-]{1,60}$")]
HeaderValue = Annotated[str, Field(pattern=r"^[ -~]{0,200}$")]
_KEY = 32


class Mode(StrEnum):
    """How the caller gets to a person."""

    TRANSFER = "transfer"
    REFER = "refer"
    WARM = "warm"


class Settings(BaseModel):
    """The account, what signs for it, where the queues' people are, and how to get there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key: SecretStr = Field(min_length=1, description="API key")
    public_key: str = Field(description="the account's public key of webhooks, in base64")
    connection_id: str = Field(
        pattern=r"^[A-Za-z0-9_-]{1,60}$",
        description="Voice API application that the calls are on, and whose webhooks come here",
    )
    mode: Mode = Field(
        default=Mode.TRANSFER,
        description="`transfer`; `refer` (the caller's side calls anew); `warm` (a person is rung, "
        "told what it is about, and gets the caller then)",
    )
    destination: Destination = Field(description="number or SIP URI of all other queues")
    destinations: dict[str, Destination] = Field(
        default_factory=dict, description="queue to number or SIP URI"
    )
    people: dict[str, str] = Field(
        default_factory=dict, description="number or SIP URI to the name that is shown here"
    )
    caller_id: str | None = Field(
        default=None, pattern=r"^\+[0-9]{5,15}$", description="number that is shown to the person"
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="further headers of the INVITE"
    )
    pointer_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="the service's `HANDOFF_POINTER_SECRET`: signs the `User-to-User` header",
    )
    ring: int = Field(default=30, ge=5, le=600, description="seconds to ring")
    voicemail: bool = Field(
        default=True, description="have Telnyx detect machines; not in the mode `refer`"
    )
    keep_caller: bool = Field(
        default=False,
        description="the caller stays when the person hangs up or a machine answers: the runtime "
        "must go on with them",
    )
    accept_key: str | None = Field(
        default="1",
        pattern=r"^[0-9*#]$",
        description="key by which the person takes the caller; null: at once after the whisper",
    )
    accept_words: str = Field(
        default="Press {key} to take the call.",
        max_length=200,
        description="said after the whisper, `{key}` replaced",
    )
    voice: str = Field(default="female", max_length=100, description="voice of the whisper")
    language: str = Field(default="en-US", max_length=20, description="language of the whisper")
    url: HttpUrl = Field(
        default=HttpUrl("https://api.telnyx.com/v2"), description="base of the API"
    )
    deadline: float = Field(default=10.0, gt=0, le=30, description="seconds for a call")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse what cannot work together."""
        try:
            sound = len(base64.b64decode(self.public_key, validate=True)) == _KEY
        except (ValueError, binascii.Error):
            sound = False
        if not sound:
            raise ValueError(f"public_key must be {_KEY} bytes in base64")
        places = (self.destination, *self.destinations.values())
        if self.mode is Mode.REFER and any(not one.startswith("sip") for one in places):
            raise ValueError("refer needs a SIP URI for each destination")
        if self.mode is Mode.WARM and self.caller_id is None:
            raise ValueError("warm needs a caller_id to ring people with")
        return self

    def detection(self) -> dict[str, object]:
        """Return how machines are detected."""
        return {"answering_machine_detection": "premium"} if self.voicemail else {}

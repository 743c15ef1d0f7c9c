"""The kinds of fields in requests: ids, words that are masked on the way in, instants, facts."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from handoff.domain.redaction import redact_json, redact_text
from handoff.domain.turn import Attributes

VISIBLE = r"^[^\x00-\x1f\x7f]+$"
LAST = datetime(2200, 1, 1, tzinfo=UTC)
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def visible(text: str) -> bool:
    """Tell whether a text is free of control characters, as `VISIBLE` says it."""
    return (text.isascii() and text.isprintable()) or not any(c < " " or c == "\x7f" for c in text)


def masked(text: str) -> str:
    """Return a text as it may be stored: card numbers and their security codes masked."""
    return redact_text(text)[0]


def masked_facts(facts: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return facts as they may be stored."""
    clean, _ = redact_json(facts)
    return clean if isinstance(clean, dict) else {}


def _bounded(at: datetime) -> datetime:
    if not FIRST <= at <= LAST:
        raise ValueError("must lie between 1970 and 2200")
    return at.astimezone(UTC)


Id = Annotated[str, Field(min_length=1, max_length=200, pattern=VISIBLE)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=VISIBLE)]
Label = Annotated[Name, AfterValidator(masked)]
Words = Annotated[str, Field(max_length=8_000), AfterValidator(masked)]
Said = Annotated[str, Field(min_length=1, max_length=64_000), AfterValidator(masked)]
Facts = Annotated[dict[str, JsonValue], AfterValidator(masked_facts)]
Instant = Annotated[AwareDatetime, AfterValidator(_bounded)]
ConversationId = Annotated[str, Path(min_length=1, max_length=200, pattern=VISIBLE)]
EscalationId = Annotated[str, Path(min_length=1, max_length=100)]


class Body(BaseModel):
    """A part of a request: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class About(Body):
    """What a runtime says of a conversation beside its turns."""

    channel: Annotated[Label | None, Field(max_length=50)] = None
    job: Label | None = None
    language: Annotated[Label | None, Field(max_length=35)] = None
    customer_key: Annotated[
        Label | None, Field(description="your key of the customer; never authenticates")
    ] = None
    attributes: Annotated[Attributes, AfterValidator(masked_facts)] = Field(default_factory=dict)

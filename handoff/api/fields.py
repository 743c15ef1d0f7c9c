"""The kinds of fields in requests: ids, words that are masked on the way in, instants, facts."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import to_json

from handoff.domain.ids import CARD_IN_ID, holds_card, with_external
from handoff.domain.redaction import redact_json, redact_text
from handoff.domain.turn import MAX_BRIEF, MAX_TEXT, Attributes

VISIBLE = r"^[^\x00-\x1f\x7f]+$"
LAST = datetime(2200, 1, 1, tzinfo=UTC)
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def visible(text: str) -> bool:
    """Tell whether a text is free of control characters, as `VISIBLE` says it."""
    return (text.isascii() and text.isprintable()) or not any(c < " " or c == "\x7f" for c in text)


def no_card(text: str) -> str:
    """Return an id; raise ValueError for a card number: an id is stored as it is, never masked."""
    if holds_card(text):
        raise ValueError(CARD_IN_ID)
    return text


def masked(most: int) -> AfterValidator:
    """Return what masks a text and cuts it to `most`: a mask can outgrow a short code."""
    return AfterValidator(lambda text: redact_text(text)[0][:most])


def masked_facts(facts: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return facts as they may be stored."""
    clean, _ = redact_json(facts)
    return clean if isinstance(clean, dict) else {}


def told_attributes(facts: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return a conversation's attributes as they may be stored; ids of calls stay whole."""
    return with_external(masked_facts(facts), facts)


def _brief(facts: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if len(to_json(facts)) > MAX_BRIEF:
        raise ValueError(f"a brief may have {MAX_BRIEF} bytes of JSON")
    return facts


def _bounded(at: datetime) -> datetime:
    if not FIRST <= at <= LAST:
        raise ValueError("must lie between 1970 and 2200")
    return at.astimezone(UTC)


Name = Annotated[str, Field(min_length=1, max_length=200, pattern=VISIBLE)]
Id = Annotated[Name, AfterValidator(no_card)]
Label = Annotated[Name, masked(200)]
Words = Annotated[str, Field(max_length=8_000), masked(8_000)]
Said = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), masked(MAX_TEXT)]
Facts = Annotated[dict[str, JsonValue], AfterValidator(masked_facts)]
Brief = Annotated[Facts, AfterValidator(_brief)]
Instant = Annotated[AwareDatetime, AfterValidator(_bounded)]
ConversationId = Annotated[
    str, Path(min_length=1, max_length=200, pattern=VISIBLE), AfterValidator(no_card)
]
EscalationId = Annotated[str, Path(min_length=1, max_length=100)]


class Body(BaseModel):
    """A part of a request: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    longest_text: ClassVar[int] = MAX_TEXT
    """Characters of any text in it; a part that takes a whole file says so here."""


class About(Body):
    """What a runtime says of a conversation beside its turns."""

    channel: Annotated[Name, Field(max_length=50), masked(50)] | None = Field(
        default=None, description="`voice`, `chat`, `email`, …"
    )
    job: Label | None = Field(default=None, description="what the bot is there to do")
    language: Annotated[Name, Field(max_length=35), masked(35)] | None = Field(
        default=None, description="in which it is led: `en`, `pt-BR`"
    )
    customer_key: Annotated[
        Label | None, Field(description="your key of the customer; never authenticates")
    ] = None
    attributes: Annotated[Attributes, AfterValidator(told_attributes)] = Field(
        default_factory=dict,
        description="what rules and cards read; `external` has the ids that other systems give "
        "the call or chat, for connectors that move it",
    )

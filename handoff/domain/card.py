"""The handoff card (`handoff-card/1`): what a person acts on, each claim with its provenance."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from handoff.domain.turn import Effect, Value

SCHEMA: Literal["handoff-card/1"] = "handoff-card/1"
SCHEMA_ID = "urn:handoff:schema:handoff-card:1"

Turns = Annotated[
    tuple[int, ...], Field(description="indexes of the turns this rests on, in order")
]


class Status(StrEnum):
    """How a claim is known; the three never look alike, in data or on a page."""

    VERIFIED = "verified"
    STATED = "stated"
    INFERRED = "inferred"


class Outcome(StrEnum):
    """How a tool call ended; unknown means it may or may not have happened."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class CheckResult(StrEnum):
    """What is known of one identity check; its value is never shown."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not_done"


class Claim(Value):
    """One fact on a card, with how it is known and where."""

    name: str = Field(description="what it is, as the source names it")
    value: JsonValue = Field(description="the value as said or returned")
    status: Status = Field(
        description="verified by a tool or system, stated by the customer, or inferred"
    )
    turns: Turns
    alternatives: tuple[JsonValue, ...] = Field(
        default=(), description="other readings of the same words, likeliest first"
    )
    superseded: bool = Field(
        default=False, description="a later value of the same name replaced it"
    )
    refused: bool = Field(
        default=False, description="a tool was called with it and did not take it"
    )


class ReasonEvidence(Value):
    """One signal or rule that made the decision."""

    signal: str = Field(description="name of the signal")
    rule: str | None = Field(default=None, description="policy rule; null where the score decided")
    strength: float = Field(description="0 to 1")
    value: JsonValue = Field(default=None, description="what was measured")
    threshold: float | None = Field(default=None, description="what it was measured against")
    turns: Turns = ()


class CardReason(Value):
    """Why the conversation was handed over."""

    code: str = Field(default="none", description="reason code; `none` when nothing escalated")
    sentence: str = Field(description="the reason as a person reads it")
    evidence: tuple[ReasonEvidence, ...] = Field(
        default=(), description="what the decision rests on"
    )
    policy: str | None = Field(default=None, description="name@version of the policy that decided")


class Check(Value):
    """One identity check: passed, failed or not done, never its value."""

    name: str = Field(description="what was checked, such as date of birth")
    result: CheckResult = Field(description="as a tool or system said")
    turns: Turns = ()


class Auth(Value):
    """Whether the customer is authenticated; only a tool or system sets it."""

    status: CheckResult = Field(default=CheckResult.NOT_DONE, description="the whole of it")
    level: str | None = Field(default=None, description="assurance level, in the tenant's words")
    method: str | None = Field(default=None, description="how")
    by: str | None = Field(default=None, description="the tool or system that said so")
    at: datetime | None = Field(default=None, description="when")
    expires_at: datetime | None = Field(default=None, description="until when it holds")
    failed_attempts: int = Field(default=0, ge=0, description="checks that failed")
    checks: tuple[Check, ...] = Field(default=(), description="one per item asked for")


class CardCustomer(Value):
    """Who the customer is, as far as known."""

    claimed: tuple[Claim, ...] = Field(
        default=(), description="who they say or a tool says they are"
    )
    matched_by: str | None = Field(
        default=None, description="how the record was found; a caller id never authenticates"
    )
    auth: Auth = Field(default_factory=Auth, description="authentication, by tool or system only")


class Statement(Value):
    """A short text with the turns it is taken from."""

    text: str = Field(description="the words")
    turns: Turns


class CardAction(Value):
    """One tool call of the bot."""

    turn: int = Field(description="index of the call's turn")
    name: str = Field(description="the tool")
    arguments: dict[str, JsonValue] = Field(description="what it was called with, secrets hidden")
    effect: Effect = Field(description="whether it looked something up or changed something")
    outcome: Outcome = Field(description="how it ended")
    result: str | None = Field(default=None, description="short extract of what came back")


class Attempt(Value):
    """Something that was tried and did not work."""

    what: str = Field(description="what was tried")
    ended: str = Field(description="how it ended")
    turns: Turns


class Promise(Value):
    """Something the bot said has happened or would happen."""

    text: str = Field(description="the bot's sentence")
    turn: int = Field(description="where it was said")
    due: str | None = Field(default=None, description="the deadline, in the bot's words")


class OpenKind(StrEnum):
    """What sort of thing is still open."""

    QUESTION = "question"
    UNKNOWN_OUTCOME = "unknown_outcome"
    FAILED_ACTION = "failed_action"
    UNCONFIRMED = "unconfirmed"


class OpenItem(Value):
    """Something still open: a question, or a side effect nobody confirmed."""

    kind: OpenKind = Field(description="what sort of thing")
    text: str = Field(description="what is open")
    turns: Turns


class Flag(Value):
    """Something the human must know before speaking."""

    name: str = Field(description="risk, vulnerability, injection, language, …")
    text: str = Field(description="one sentence")
    turns: Turns = ()


class Consent(Value):
    """A consent or notice, given or refused."""

    name: str = Field(description="ai_disclosure, recording, data_sharing")
    given: bool = Field(description="false: refused")
    turn: int | None = Field(default=None, description="where; null when a system said so")


class Recording(Value):
    """Whether the conversation is recorded."""

    state: Literal["on", "paused", "off"] = Field(description="now")
    ref: str | None = Field(default=None, description="where the recording is")


class CardQuote(Value):
    """Exact words of the customer; a cut is marked by a closing `…`."""

    turn: int = Field(description="where it was said")
    text: str = Field(description="the customer's words, in their language")


class Linked(Value):
    """Another open escalation of the same customer."""

    escalation_id: str = Field(description="its id")
    text: str = Field(default="", description="what it is about")


class Coverage(Value):
    """What the card was made from."""

    turns_read: int = Field(default=0, ge=0, description="turns read")
    missing: int = Field(default=0, ge=0, description="turn indexes that never arrived")
    redactions: int = Field(default=0, ge=0, description="places where a value was masked")
    tokens: int = Field(default=0, ge=0, description="of the turns read: characters ÷ 4")
    left_out: int = Field(
        default=0, ge=0, description="claims and actions beyond what a card may hold"
    )
    dropped: int = Field(
        default=0, ge=0, description="sentences of a summarizer that nothing in the turns bore out"
    )


class Provenance(Value):
    """What made the card."""

    summarizer: str = Field(default="deterministic", description="registry name")
    version: str = Field(default="1", description="of the summarizer")
    model: str | None = Field(default=None, description="language model, if one was used")
    latency_ms: float | None = Field(default=None, ge=0, description="of the summarizer")


class Card(Value):
    """The brief a person acts on: what is known, how, what was done and what is open."""

    schema_: Literal["handoff-card/1"] = Field(
        default=SCHEMA, alias="schema", description="version of this format"
    )
    card_version: int = Field(default=1, ge=1, description="grows with every new card")
    conversation_id: str = Field(description="the conversation")
    escalation_id: str | None = Field(default=None, description="null before one is opened")
    headline: str = Field(description="one line")
    reason: CardReason = Field(description="why it was handed over")
    customer: CardCustomer = Field(description="who")
    situation: Statement | None = Field(
        default=None, description="what they want, in their words; null when nothing was said"
    )
    narrative: tuple[Statement, ...] = Field(
        default=(), description="the story in a few sentences, each resting on the turns it cites"
    )
    facts: tuple[Claim, ...] = Field(default=(), description="current values first, by importance")
    actions: tuple[CardAction, ...] = Field(default=(), description="one per tool call, in order")
    tried: tuple[Attempt, ...] = Field(default=(), description="what did not work")
    promises: tuple[Promise, ...] = Field(default=(), description="what the bot said would happen")
    open: tuple[OpenItem, ...] = Field(
        default=(), description="questions and side effects still open"
    )
    do_not_ask: tuple[str, ...] = Field(
        default=(), description="names already known; never verifiers"
    )
    next_step: str = Field(default="", description="what to do first")
    flags: tuple[Flag, ...] = Field(default=(), description="what to know before speaking")
    consents: tuple[Consent, ...] = Field(default=(), description="given or refused")
    recording: Recording | None = Field(default=None, description="null when unknown")
    mood: str | None = Field(default=None, description="off by default")
    quotes: tuple[CardQuote, ...] = Field(default=(), description="exact words, short")
    linked: tuple[Linked, ...] = Field(default=(), description="other open escalations of theirs")
    bot_note: str | None = Field(
        default=None, description="the bot's own summary; never verified, cites nothing"
    )
    coverage: Coverage = Field(default_factory=Coverage, description="what it was made from")
    provenance: Provenance = Field(default_factory=Provenance, description="what made it")
    changed: tuple[str, ...] = Field(
        default=(), description="sections that are new since a human took it; all else is as it was"
    )


def card_schema() -> dict[str, JsonValue]:
    """Return the published JSON Schema (2020-12) of a card as `card_json` writes it."""
    schema: dict[str, JsonValue] = Card.model_json_schema(by_alias=True, mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": SCHEMA,
    }


def card_json(card: Card) -> dict[str, JsonValue]:
    """Return the card as JSON values, each field present."""
    dumped: dict[str, JsonValue] = card.model_dump(mode="json", by_alias=True)
    return dumped

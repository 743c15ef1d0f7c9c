"""What was said and done in a conversation: conversations, turns and tool calls."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Attributes = dict[str, JsonValue]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Name = Annotated[str, Field(min_length=1, max_length=200)]

MAX_TEXT = 64_000
"""Characters of one turn's text; longer text is refused at the edge, never cut silently."""
MAX_BRIEF = 16_384
"""Bytes of JSON in the brief that a human leaves for the bot."""


class Role(StrEnum):
    """Who a turn is from. `human` is a human agent; the bot is never called agent."""

    CUSTOMER = "customer"
    BOT = "bot"
    HUMAN = "human"
    TOOL = "tool"
    SYSTEM = "system"


class Input(StrEnum):
    """How the customer put the turn in."""

    TEXT = "text"
    SPEECH = "speech"
    DTMF = "dtmf"


class Effect(StrEnum):
    """Whether a tool call only looked something up or changed something."""

    READ = "read"
    WRITE = "write"


class Value(BaseModel):
    """Base of every immutable value: unknown fields are refused, change makes a new value."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolCall(Value):
    """One call of a tool by the bot. `ok` is None when the outcome is unknown."""

    name: Name = Field(description="the tool's name, the same each time it is called")
    arguments: dict[str, JsonValue] = Field(
        default_factory=dict, description="what it was called with; values become facts"
    )
    ok: bool | None = Field(default=None, description="whether it worked; absent: not known")
    result: JsonValue = Field(default=None, description="what it gave back; verifies facts")
    effect: Effect | None = Field(default=None, description="read or write; guessed if absent")
    call_id: str | None = Field(
        default=None, max_length=200, description="the runtime's id of the call"
    )


class Turn(Value):
    """One utterance or tool call. `index` is its position: as told, else by order of arrival."""

    turn_id: Name = Field(description="the runtime's id; a repeated one is the same turn")
    role: Role = Field(description="`customer`, `bot`, `human` (agent), `tool` or `system`")
    text: str = Field(default="", max_length=MAX_TEXT, description="what was said, as it was said")
    index: int | None = Field(
        default=None, ge=0, le=2**53, description="its place, where turns may overtake each other"
    )
    at: datetime | None = Field(default=None, description="when it was said")
    heard: str | None = Field(
        default=None, max_length=MAX_TEXT, description="what was played before a barge-in"
    )
    input: Input | None = Field(default=None, description="`text`, `speech` or `dtmf`")
    intent: str | None = Field(
        default=None, max_length=200, description="what the customer means, as your NLU has it"
    )
    confidence: Probability | None = Field(default=None, description="of the intent (NLU)")
    recognition_confidence: Probability | None = Field(
        default=None, description="of the recogniser"
    )
    nbest: tuple[str, ...] = Field(
        default=(), max_length=20, description="the recogniser's other readings, best first"
    )
    revision: int = Field(default=0, ge=0, description="of the recogniser's text")
    final: bool = Field(default=True, description="false: the recogniser may still revise it")
    secure_capture: bool = Field(default=False, description="payment: no text is stored")
    language: str | None = Field(default=None, max_length=35, description="of this turn: `de`")
    latency_ms: float | None = Field(default=None, ge=0, description="as the customer perceived it")
    slots: dict[str, JsonValue] = Field(
        default_factory=dict, description="values that are known from this turn on, by name"
    )
    tool_call: ToolCall | None = Field(
        default=None, description="a call of a tool by the bot, with what came of it"
    )

    @property
    def audible(self) -> str:
        """Return what was really heard: `heard` where the runtime says so, else the text."""
        return self.text if self.heard is None else self.heard


class Conversation(Value):
    """What a customer and a bot said, with what is known about it."""

    conversation_id: Name
    turns: tuple[Turn, ...] = ()
    channel: str | None = Field(default=None, max_length=50, description="voice, chat, email, …")
    job: str | None = Field(default=None, max_length=200, description="what the bot claims to do")
    language: str | None = Field(default=None, max_length=35)
    customer_key: str | None = Field(
        default=None, max_length=200, description="your key of the customer; never authenticates"
    )
    attributes: Attributes = Field(default_factory=dict)

    def numbered(self) -> tuple[Turn, ...]:
        """Return the turns in `index` order, those without one numbered by order of arrival."""
        taken: list[Turn] = []
        following = 0
        for turn in self.turns:
            index = following if turn.index is None else turn.index
            following = max(following, index + 1)
            taken.append(turn if turn.index == index else turn.model_copy(update={"index": index}))
        return tuple(sorted(taken, key=lambda turn: turn.index or 0))

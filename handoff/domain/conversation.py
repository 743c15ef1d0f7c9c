"""What the service remembers of a conversation between turns: its head, and its stored turns."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from pydantic import JsonValue

from handoff.domain.control import Control
from handoff.domain.turn import Attributes, Conversation, Turn


@dataclass(frozen=True, slots=True)
class Head:
    """One conversation as it stands. Everything a turn needs is here: nothing grows with it."""

    tenant: str
    conversation_id: str
    started_at: datetime
    channel: str = "chat"
    job: str | None = None
    language: str | None = None
    customer_key: str | None = None
    attributes: Attributes = field(default_factory=dict)
    intent: str | None = None
    """The customer's latest intent before any handoff, for counting by intent."""
    control: Control = field(default_factory=Control)
    detector: dict[str, JsonValue] = field(default_factory=dict)
    """The detector's state; empty before the first turn."""
    policy: str = ""
    """The policy that watched it last."""
    stale: bool = False
    """A late or revised turn came: the detector's state is to be rebuilt from the turns."""
    fresh_from: int = 0
    """The index from which the detector reads; after a hand-back it starts anew there."""
    return_brief: dict[str, JsonValue] = field(default_factory=dict)
    """What the last human handed back with; empty when nobody did."""
    next_index: int = 0
    turns: int = 0
    last_turn_at: datetime | None = None
    open_escalation: str | None = None
    last_escalation: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_why: str | None = None

    def evolve(self, **changes: object) -> Self:
        """Return a copy with `changes`."""
        return replace(self, **changes)  # type: ignore[arg-type] # typed by the fields

    def conversation(self, turns: tuple[Turn, ...]) -> Conversation:
        """Return the conversation as the detector and the card read it."""
        return Conversation(
            conversation_id=self.conversation_id,
            turns=turns,
            channel=self.channel,
            job=self.job,
            language=self.language,
            customer_key=self.customer_key,
            attributes=self.attributes,
        )


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn as it was accepted, with the answer that was given for it."""

    turn: Turn
    fingerprint: str
    """Of what was sent, so that a repeat is told from another turn under the same id."""
    stored_at: datetime
    after_handoff: bool = False
    answer: dict[str, JsonValue] = field(default_factory=dict)


def fingerprint(turn: Turn) -> str:
    """Return a hash of what a turn says; a repeat without `index` matches one that was numbered."""
    return hashlib.sha256(turn.model_dump_json(exclude={"index"}).encode()).hexdigest()

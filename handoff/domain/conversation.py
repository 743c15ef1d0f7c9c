"""What the service remembers of a conversation between turns: its head, and its stored turns."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from pydantic import JsonValue

from handoff.domain.control import Control
from handoff.domain.turn import Attributes, Conversation, Role, Turn


def month_of(at: datetime) -> int:
    """Return a moment's month in UTC as a number: 202611 is November 2026."""
    month = at.astimezone(UTC)
    return month.year * 100 + month.month


@dataclass(frozen=True)
class Head:
    """One conversation as it stands. Everything a turn needs is here: nothing grows with it.

    It has no slots: a copy of its one dictionary costs a tenth of `dataclasses.replace`.
    """

    tenant: str
    conversation_id: str
    started_at: datetime
    channel: str = "chat"
    job: str | None = None
    language: str | None = None
    customer_key: str | None = None
    attributes: Attributes = field(default_factory=dict)
    intent: str | None = None
    """The customer's first intent that says what they came for, for counting by intent."""
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
    month: int = 0
    """The month it began in, `month_of`; 0 before that was kept. What belongs to it lies there."""

    def evolve(self, **changes: object) -> Self:
        """Return a copy with `changes`; raise TypeError for what is no field of it."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **changes)
        if len(copy.__dict__) != len(self.__dict__):
            unknown = changes.keys() - self.__dict__.keys()
            raise TypeError(f"a head has no {', '.join(sorted(unknown))}")
        return copy

    def numbered(self, turn: Turn) -> Turn:
        """Return a new turn with its index: as told, else the next one."""
        if turn.index is not None:
            return turn
        return turn.model_copy(update={"index": self.next_index})

    def counted(self, turn: Turn, at: datetime, everyday: Callable[[str], bool]) -> Self:
        """Return the head after a new, numbered turn; a late one leaves it stale.

        `everyday` tells whether an intent is a mere dialogue act ("greet", "thanks"); it is asked
        only until the conversation has an intent.
        """
        index = turn.index or 0
        return self.evolve(
            stale=self.stale or index < self.next_index,
            turns=self.turns + 1,
            next_index=max(self.next_index, index + 1),
            last_turn_at=at,
            intent=_first_intent(self, turn, everyday),
        )

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


def fingerprint(turn: Turn, key: bytes = b"") -> str:
    """Return a keyed hash of what a turn says; a repeat without `index` matches a numbered one.

    Without the key few digits could be guessed from their hash.
    """
    return hmac.digest(key, turn.model_dump_json(exclude={"index"}).encode(), "sha256").hex()


def _first_intent(head: Head, turn: Turn, everyday: Callable[[str], bool]) -> str | None:
    """Return what it is counted under: the first thing the customer wanted, before any handoff."""
    wants = turn.intent if turn.role is Role.CUSTOMER else None
    if head.intent is not None or wants is None or head.last_escalation is not None:
        return head.intent
    return None if everyday(wants) else wants

"""What a card is held against: things that should be there, and where they were found."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from handoff.domain.turn import Conversation
from handoff.evaluation.cards.seen import CardSeen
from handoff.evaluation.gold import Gold


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that should be there: the group it counts in, and whether each way finds it."""

    group: str
    what: str
    ways: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Looked:
    """Everything looked for in one card, and what was counted on the way."""

    found: list[Found] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    """What is wrong, in words, to be read by people."""


@dataclass(frozen=True, slots=True)
class Held:
    """A card, the conversation as it really was, and what its file says of it."""

    conversation: Conversation
    """Unmasked: what a card should say is judged by what was said."""
    gold: Gold
    source: str
    seen: CardSeen

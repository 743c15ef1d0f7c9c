"""A story in sentences that a summarizer makes of a conversation, and what of it may be shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from handoff.domain.card import Card, Provenance, Statement
from handoff.domain.errors import HandoffError
from handoff.domain.turn import Conversation, Value


class Draft(Value):
    """What a summarizer wrote, as it wrote it: nobody has checked it yet."""

    sentences: tuple[Statement, ...] = ()
    turns_read: int = 0
    """Turns that the conversation had."""
    provenance: Provenance
    tokens: int = 0
    """Of the question and the answer together."""


class Dropped(Value):
    """A sentence that is not shown, and why."""

    text: str
    turns: tuple[int, ...] = ()
    why: str
    """The first check that it failed, as a word: `number`, `name`, `outcome`, …"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft after it was held against the conversation: what may be shown, what may not."""

    kept: tuple[Statement, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What is kept of a conversation's story: the newest draft, and whether another is due."""

    tenant: str
    conversation_id: str
    escalation_id: str | None = None
    """Whose card waits for it; None while it is only kept ready."""
    due_at: datetime | None = None
    """When it is to be written; while it is being written, when somebody else is to take over."""
    tries: int = 0
    """Begun since it became due."""
    draft: Draft | None = None
    dropped: tuple[Dropped, ...] = ()
    """Of the draft, when it was last held against the conversation."""
    error: str | None = None
    """Why the last try gave nothing."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a tenant's summaries cost in some time."""

    calls: int = 0
    tokens: int = 0


class SummaryFailed(HandoffError):
    """The summarizer gave no summary."""

    code = "summary_failed"

    def __init__(self, message: str, *, tokens: int = 0, retry_after: float | None = None) -> None:
        """Say why, in words that hold nothing of the answer; `tokens` were spent all the same."""
        super().__init__(message)
        self.tokens = tokens
        self.retry_after = retry_after


class Summaries(Protocol):
    """One tenant's stories, and what they cost."""

    def get(self, conversation_id: str) -> Summary | None:
        """Return what is kept of a conversation's story, None if nothing is."""

    def put(self, summary: Summary) -> None:
        """Keep it in place of what was kept."""

    def claim(self, summary: Summary, until: datetime) -> bool:
        """Make it due again at `until`, one try on, where nobody else did; tell whether it was."""

    def spend(self, at: datetime, spent: Spent) -> None:
        """Add to what was spent in the hour of `at`."""

    def spent(self, since: datetime) -> Spent:
        """Return what was spent in the hours that began at `since` or later."""


class Summarizer(Protocol):
    """Writes the story of a conversation, and tells what of a story the conversation bears out."""

    def write(self, conversation: Conversation, card: Card) -> Draft:
        """Return a draft; it may take seconds. Raise SummaryFailed where there is none."""

    def judge(self, conversation: Conversation, card: Card, draft: Draft) -> Judged:
        """Return which sentences may be shown beside this card: pure, and fast."""


def with_summary(card: Card, draft: Draft, judged: Judged) -> Card:
    """Return the card with the story in it; nothing else of it is a summarizer's to change."""
    if not judged.kept:
        return card
    return card.model_copy(
        update={
            "narrative": judged.kept,
            "coverage": card.coverage.model_copy(update={"dropped": len(judged.dropped)}),
            "provenance": draft.provenance,
        }
    )

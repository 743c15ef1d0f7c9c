"""How long what is over is kept, and what one look at it finds and takes away."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

ANSWERS_DAYS = 7
"""Days that answers to repeated requests are kept at least: a runtime may repeat so long."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long everything is kept; 0 is for ever."""

    months: int = 0
    """Whole months before the present one, of conversations and all that belongs to them."""
    audit_months: int = 0
    feed_days: int = 0
    answers_days: int = 0

    def cuts(self, at: datetime) -> "Cuts":
        """Return before when everything goes, as it is at a moment."""
        return Cuts(
            conversations=month_before(at, self.months) if self.months else None,
            audit=month_before(at, self.audit_months) if self.audit_months else None,
            feed=at - timedelta(days=self.feed_days) if self.feed_days else None,
            answers=at - timedelta(days=max(self.answers_days, ANSWERS_DAYS))
            if self.answers_days
            else None,
        )


@dataclass(frozen=True, slots=True)
class Cuts:
    """Before when conversations began, and the rest was made, that go; None where nothing does."""

    conversations: datetime | None = None
    audit: datetime | None = None
    feed: datetime | None = None
    answers: datetime | None = None


@dataclass(frozen=True, slots=True)
class Old:
    """What there is of a tenant that is old enough to go."""

    conversations: int = 0
    going_on: int = 0
    """Conversations as old that stay: an escalation is open, or something happened since."""
    audit: int = 0
    feed: int = 0
    answers: int = 0
    callbacks: int = 0


class Ageing(Protocol):
    """What is old, of all tenants, inside one transaction."""

    def make_ahead(self, at: datetime) -> tuple[str, ...]:
        """Make one that is missing of the partitions that will be needed; return what was made."""

    def months_over(self, before: datetime) -> tuple[int, ...]:
        """Return the months that have partitions, in which all conversations are over."""

    def drop_months(self, before: datetime, among: Collection[int]) -> tuple[str, ...]:
        """Drop the partitions of those of some months of which that is still so; return them."""

    def tenants(self) -> tuple[str, ...]: ...
    def count(self, tenant: str, cuts: Cuts) -> Old: ...
    def forget_conversations(self, tenant: str, before: datetime, limit: int) -> int:
        """Delete some that are over, with all that belongs to them; return how many."""

    def forget_events(self, tenant: str, before: datetime, limit: int) -> int: ...
    def forget_answers(self, before: datetime, limit: int) -> int: ...
    def forget_callbacks(self, before: datetime, limit: int) -> int: ...


@dataclass(frozen=True, slots=True)
class AuditCut:
    """The last entry that goes from the start of a chain: what follows it points to its hash."""

    sequence: int
    entry_hash: str


def month_before(at: datetime, months: int) -> datetime:
    """Return the beginning of the month so many months before the one of a moment."""
    number = at.year * 12 + at.month - 1 - months
    return at.replace(
        year=number // 12, month=number % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )

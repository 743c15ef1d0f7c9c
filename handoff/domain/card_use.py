"""How a card was used: what its human asked again though it says it, and how they rated it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn of a human after they accepted, held against the card that they have."""

    escalation_id: str
    turn_id: str
    turn_index: int
    card_version: int
    at: datetime
    asked: tuple[str, ...] = ()
    """Names of the claims that were asked for again; nothing where none was."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a person thought of one version of a card; their latest word counts."""

    escalation_id: str
    card_version: int
    by: str
    useful: bool
    at: datetime
    claim: str | None = None
    """The claim that is wrong, if they named one."""


@dataclass(frozen=True, slots=True)
class CardUse:
    """One accepted escalation, with everything that is known of how its card was used."""

    job: str | None
    intent: str | None
    queue: str
    card_version: int
    """The latest, where no turn and no rating names another."""
    heard: tuple[Heard, ...]
    """Empty where the human's turns are not seen: then nobody knows what they asked."""
    ratings: tuple[Rating, ...]


class CardUses(Protocol):
    """How one tenant's cards were used."""

    def hear(self, heard: Heard) -> None:
        """Keep what a turn asked; a later revision of the turn replaces it."""

    def rate(self, rating: Rating) -> None:
        """Keep a person's rating of a card version in the place of an earlier one."""

    def heard(self, escalation_id: str) -> tuple[Heard, ...]:
        """Return the human's turns in order."""

    def ratings(self, escalation_id: str) -> tuple[Rating, ...]:
        """Return the ratings of all versions, oldest first."""

    def uses(self, since: datetime | None, until: datetime | None) -> Iterator[CardUse]:
        """Yield each accepted escalation of the conversations started in the window."""

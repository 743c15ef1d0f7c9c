"""Say what on a card rests on which turn, so that a transcript can lead back to it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from handoff.domain.card import Card

MOST = 4
"""Labels shown at a turn."""


class _Resting(Protocol):
    """A part of a card that rests on turns."""

    @property
    def turns(self) -> tuple[int, ...]: ...


class _Named(_Resting, Protocol):
    """… and has a name."""

    @property
    def name(self) -> str: ...


class _Said(Protocol):
    """A part of a card that rests on one turn."""

    @property
    def turn(self) -> int: ...


def citations(card: Card) -> dict[int, tuple[str, ...]]:
    """Return turn index to what on the card rests on it, in the card's order."""
    cited: defaultdict[int, list[str]] = defaultdict(list)
    for label, turns in _cited(card):
        for turn in turns:
            if label not in cited[turn]:
                cited[turn].append(label)
    return {turn: _shortened(labels) for turn, labels in cited.items()}


def _cited(card: Card) -> Iterator[tuple[str, Iterable[int]]]:
    sections: Mapping[str, Sequence[_Resting]] = {
        "why": card.reason.evidence,
        "what they want": (card.situation,) if card.situation else (),
        "still open": card.open,
        "tried": card.tried,
    }
    moments: Mapping[str, Sequence[_Said]] = {
        "what was done": card.actions,
        "promise": card.promises,
        "quote": card.quotes,
    }
    for label, parts in sections.items():
        for part in parts:
            yield label, part.turns
    customer = card.customer
    named: tuple[_Named, ...] = (
        *card.flags,
        *customer.claimed,
        *customer.auth.checks,
        *card.facts,
    )
    for one in named:
        yield one.name, one.turns
    for label, said in moments.items():
        for spoken in said:
            yield label, (spoken.turn,)


def _shortened(labels: list[str]) -> tuple[str, ...]:
    more = len(labels) - MOST
    return (*labels[:MOST], f"{more} more") if more > 0 else tuple(labels)

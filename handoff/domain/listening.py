"""What must be remembered between turns to know which may complete a secret: never a digit of it.

Of numbers that may be pieces of a card's only their lengths are kept, and whether they came almost
alone; of words, when a card was last spoken of. Most turns need no look at those before them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import JsonValue

from handoff.domain.asked import NOTHING, Asked, after, glance
from handoff.domain.digits import in_ascii
from handoff.domain.glance import Glance
from handoff.domain.number_pieces import Piece, pieces
from handoff.domain.secret_words import CARD_WORDS
from handoff.domain.turn import Turn

REACH = 24
"""Turns back in which the pieces of one number are looked for."""
ABOUT = 4
"""Turns before the first piece in which somebody may speak of a card."""
MOST_TURNS = 8
"""Turns over which a number is given at most."""
SHORTEST_CARD, LONGEST_CARD = 13, 19
_PRINTED_SIZES = frozenset({4, 6, 8, 10, 12})
"""Digits of the groups before the last one, as card numbers are printed and read out."""
_UNKNOWN = (12,)
"""Sizes of numbers that were remembered before sizes were: any number may go on with them."""
_CARD = Glance(CARD_WORDS)


@dataclass(frozen=True, slots=True)
class Given:
    """The numbers of one turn that may be pieces: how long they are."""

    index: int
    sizes: tuple[int, ...] = _UNKNOWN
    bare: bool = True

    @classmethod
    def of(cls, told: Any) -> "Given | None":
        """Return it as it was stored; earlier only its index was."""
        if isinstance(told, int):
            return cls(told)
        if not isinstance(told, list):
            return None
        index, bare, *sizes = told  # as `stored` left it
        return cls(index, tuple(sizes), bare)

    def stored(self) -> list[JsonValue]:
        """Return it as JSON."""
        return [self.index, self.bare, *self.sizes]


@dataclass(frozen=True, slots=True)
class Listening:
    """What was asked for, the last turns that may hold pieces of a number, and of what was spoken.

    `card` is the index of the last turn that spoke of a card.
    """

    asked: Asked = NOTHING
    given: tuple[Given, ...] = ()
    card: int | None = None

    @classmethod
    def of(cls, told: JsonValue) -> "Listening":
        """Return it as it was stored."""
        if not isinstance(told, Mapping):
            return SILENT
        kept = told.get("pieces")
        given = [one for one in map(Given.of, kept) if one] if isinstance(kept, list) else []
        card = told.get("card")
        if card is None and given and given[-1].sizes == _UNKNOWN:
            card = given[-1].index  # nor was it noted then whether a card was spoken of
        last = card if isinstance(card, int) else None
        return cls(Asked.of(told.get("asked")), tuple(given), last)

    def stored(self) -> dict[str, JsonValue]:
        """Return it as JSON; an empty object where there is nothing to remember."""
        told: dict[str, JsonValue] = {}
        if asked := self.asked.stored():
            told["asked"] = asked
        if self.given:
            told["pieces"] = [one.stored() for one in self.given]
        if self.card is not None:
            told["card"] = self.card
        return told

    def heard(self, turn: Turn, found: Sequence[Piece] | None = None) -> "Listening":
        """Return it after a final turn that is masked already; `found`: its pieces, if known."""
        telling, numbers = glance(turn)
        if found is None:
            found = pieces(turn) if numbers else ()
        index = turn.index or 0
        given = self._with(index, found) if found else self.given
        if not telling and self.asked == NOTHING:
            return self if given is self.given else replace(self, given=given)
        card = index if telling and speaks_of_card(turn.audible) else self.card
        return Listening(after(self.asked, turn), given, card)

    def looks_back(self, turn: Turn, found: Sequence[Piece] | None = None) -> int | None:
        """Return the index from which turns are to be read, as this one may complete a number.

        It may if numbers that came almost alone have the sizes of a card's groups, or if a card is
        spoken of near any numbers with enough digits; whether they are one is then to be seen.
        """
        mine = pieces(turn) if found is None else found
        index = turn.index or 0
        near = [one for one in self.given if index - REACH <= one.index < index]
        if not mine or (not near and len(mine) == 1):
            return None
        given = [*near, _given(index, mine)]
        return given[0].index - ABOUT if _enough(given, about=self.about_card(turn)) else None

    def about_card(self, turn: Turn) -> bool:
        """Tell whether a card is spoken of in a turn, or was not long before it."""
        reach = (turn.index or 0) - REACH - ABOUT
        return (self.card is not None and self.card >= reach) or speaks_of_card(turn.audible)

    def _with(self, index: int, found: Sequence[Piece]) -> tuple[Given, ...]:
        """Return what was given, with the pieces of a turn and without those out of reach."""
        near = (one for one in self.given if index - REACH <= one.index < index)
        return (*near, _given(index, found))[-MOST_TURNS:]


SILENT = Listening()


def changes_nothing(told: JsonValue, turn: Turn) -> bool:
    """Tell at one look that a turn needs no masking by, and leaves as it is, what is stored."""
    asked = isinstance(told, Mapping) and "asked" in told
    return not asked and glance(turn) == (False, False)


def speaks_of_card(text: str) -> bool:
    """Tell whether somebody speaks of a card."""
    return bool(text and _CARD(in_ascii(text)))


def _given(index: int, found: Sequence[Piece]) -> Given:
    return Given(index, tuple(len(one.digits) for one in found), found[0].bare)


def _enough(given: Sequence[Given], *, about: bool) -> bool:
    """Tell whether some of these numbers, the last turn's among them, may be a card's together."""
    last = given[-1]
    if about:
        return sum(sum(one.sizes) for one in given) >= SHORTEST_CARD
    groups = [size for one in given if one.bare for size in one.sizes if size in _PRINTED_SIZES]
    return last.bare and sum(groups) + max(last.sizes) >= SHORTEST_CARD

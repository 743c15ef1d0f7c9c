"""The numbers in a customer's turn that may be pieces of one given over several turns."""

from dataclasses import dataclass
from functools import lru_cache

from handoff.domain.asked import other_words
from handoff.domain.digits import has_number, in_ascii, marked
from handoff.domain.glance import Glance
from handoff.domain.labelled import free_numbers
from handoff.domain.masking import Place
from handoff.domain.secret_words import INNOCENT, SPENT
from handoff.domain.turn import Input, Role, Turn

_MOST_IN_TURN = 8
_LONGEST = 15
_FEW = 2
"""Other words of a turn that is hardly more than digits."""
_SOME = 24
_OTHER = Glance(INNOCENT, SPENT)
_NONE: tuple[bool, tuple[tuple[int, int, str], ...]] = (False, ())


@dataclass(frozen=True, slots=True)
class Piece:
    """Digits of a customer's turn that may belong to a number in others."""

    turn: int
    """Its place among the turns looked at."""
    place: Place
    digits: str
    bare: bool


def pieces(turn: Turn, at: int = 0) -> list[Piece]:
    """Return the pieces of a number that a turn may hold; `at` is its place among others."""
    if (
        turn.role is not Role.CUSTOMER
        or turn.secure_capture
        or turn.input is Input.DTMF
        or not turn.text
    ):
        return []
    bare, numbers = _numbers(turn.text)
    return [Piece(at, (start, end), digits, bare) for start, end, digits in numbers]


@lru_cache(maxsize=1)
def _numbers(text: str) -> tuple[bool, tuple[tuple[int, int, str], ...]]:
    """Return whether there is hardly more in a text, and its numbers that may be pieces.

    A turn is asked before it is stored, and again for what is to be remembered of it.
    """
    if not has_number(text):
        return _NONE
    plain = in_ascii(text)
    if _OTHER(plain):
        return _NONE
    reading = marked(plain)
    others = other_words(reading)
    if others > _SOME:
        return _NONE
    found = tuple(free_numbers(text, reading))
    fitting = len(found) <= _MOST_IN_TURN and all(len(digits) <= _LONGEST for *_, digits in found)
    return (others <= _FEW, found) if fitting else _NONE

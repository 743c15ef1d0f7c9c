"""The numbers in a customer's turn that may be pieces of one given over several turns."""

from dataclasses import dataclass

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
        or not has_number(turn.text)
    ):
        return []
    plain = in_ascii(turn.text)
    if _OTHER(plain):
        return []
    reading = marked(plain)
    others = other_words(reading)
    if others > _SOME:
        return []
    found = [
        Piece(at, (start, end), digits, bare=others <= _FEW)
        for start, end, digits in free_numbers(turn.text, reading)
    ]
    fitting = len(found) <= _MOST_IN_TURN and all(len(p.digits) <= _LONGEST for p in found)
    return found if fitting else []

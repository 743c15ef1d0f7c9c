"""Secrets over several turns: answers to what was asked, and card numbers given in pieces.

`Listening` is what must be remembered between turns; it holds no digits. `sealed` masks a turn by
it; `joined` finds a number that a turn completes and masks its pieces in all of them; `over` does
both for a whole conversation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import re2
from pydantic import JsonValue

from handoff.domain.asked import NOTHING, Asked, after, masked_text, other_words
from handoff.domain.card_numbers import is_card_number
from handoff.domain.digits import has_number, read, replaced
from handoff.domain.labelled import free_numbers
from handoff.domain.masking import Place, mask, part
from handoff.domain.secret_words import CARD_WORDS, INNOCENT, SPENT
from handoff.domain.text import in_words
from handoff.domain.turn import Input, Role, Turn

REACH = 24
"""Turns back in which the pieces of one number are looked for."""
MOST_PIECES = 8
"""Turns over which a number is given at most."""
_MOST_IN_TURN = 8
_LONGEST_PIECE, _LONGEST_CARD, _SHORTEST_CARD = 15, 19, 13
_GROUP = 4
_FEW = 2
"""Other words of a turn that is hardly more than digits."""
_SOME = 24
_CARD = re2.compile(CARD_WORDS)
_INNOCENT = re2.compile(INNOCENT)
_SPENT = re2.compile(SPENT)
_PRINTED = ([4, 6, 5], [4, 6, 4], [10, 5], [4, 11])


@dataclass(frozen=True, slots=True)
class Listening:
    """What was asked for, and the indexes of the last turns that may hold pieces of a number."""

    asked: Asked = NOTHING
    pieces: tuple[int, ...] = ()

    @classmethod
    def of(cls, told: JsonValue) -> "Listening":
        """Return it as it was stored."""
        if not isinstance(told, Mapping):
            return SILENT
        pieces = told.get("pieces")
        indexes = pieces if isinstance(pieces, list) else []
        return cls(Asked.of(told.get("asked")), tuple(i for i in indexes if isinstance(i, int)))

    def stored(self) -> dict[str, JsonValue]:
        """Return it as JSON; an empty object where there is nothing to remember."""
        asked, pieces = self.asked.stored(), list[JsonValue](self.pieces)
        told: dict[str, JsonValue] = {}
        if asked:
            told["asked"] = asked
        if pieces:
            told["pieces"] = pieces
        return told

    def heard(self, turn: Turn) -> "Listening":
        """Return it after a final turn that is masked already."""
        index = turn.index or 0
        near = tuple(one for one in self.pieces if index - REACH <= one < index)
        if _may_hold_piece(turn) and _pieces(turn):
            near = (*near, index)[-MOST_PIECES:]
        return Listening(after(self.asked, turn), near)


SILENT = Listening()


@dataclass(frozen=True, slots=True)
class _Piece:
    """Digits of a customer's turn that may belong to a number in others."""

    turn: int
    """Its place among the turns looked at."""
    place: Place
    digits: str
    bare: bool


def sealed(listening: Listening, turn: Turn) -> Turn:
    """Return a turn with the answer to what was asked for masked; unchanged: the same object."""
    asked = listening.asked
    if turn.secure_capture or turn.role not in (Role.CUSTOMER, Role.BOT, Role.HUMAN):
        return turn
    text, count = masked_text(asked, turn.role, turn.text)
    heard = turn.heard and masked_text(asked, turn.role, turn.heard)[0]
    nbest = tuple(masked_text(asked, turn.role, guess)[0] for guess in turn.nbest)
    if not count and heard == turn.heard and nbest == turn.nbest:
        return turn
    given = _hidden(turn.text, text)
    slots = scrubbed(turn.slots, given, numbers=True) if turn.slots and given else turn.slots
    return turn.model_copy(update={"text": text, "heard": heard, "nbest": nbest, "slots": slots})


def _hidden(before: str, now: str) -> frozenset[str]:
    """Return the numbers, as digits, that stood in a text and no longer do."""
    if before == now:
        return frozenset()
    earlier, left = read(before), read(now)
    kept = {digits for _, _, digits in free_numbers(now, left)}
    gone = {digits for _, _, digits in free_numbers(before, earlier)} - kept
    return frozenset(gone) or frozenset({before.strip()})


def _may_hold_piece(turn: Turn) -> bool:
    return (
        turn.role is Role.CUSTOMER
        and not turn.secure_capture
        and turn.input is not Input.DTMF
        and bool(turn.text)
        and has_number(turn.text)
    )


def _pieces(turn: Turn, at: int = 0) -> list[_Piece]:
    """Return the pieces of a number that a customer's turn may hold."""
    reading = read(turn.text)
    others = other_words(reading)
    if others > _SOME or _INNOCENT.search(reading.text) or _SPENT.search(reading.text):
        return []
    found = [
        _Piece(at, (start, end), digits, bare=others <= _FEW)
        for start, end, digits in free_numbers(turn.text, reading)
    ]
    fitting = len(found) <= _MOST_IN_TURN and all(len(p.digits) <= _LONGEST_PIECE for p in found)
    return found if fitting else []


def joined(turns: Sequence[Turn]) -> dict[int, Turn]:
    """Return, by place, the turns that hold pieces of a card number, with these masked.

    `turns` are neighbours in `index` order; a number in them may end anywhere.
    """
    pieces = _gathered(turns)
    changed: dict[int, Turn] = {}
    first = 0
    while first < len(pieces):
        last = _ends(turns, pieces, first)
        if last:
            _mask(turns, pieces[first:last], changed)
        first = last or first + 1
    return changed


def _gathered(turns: Sequence[Turn]) -> list[_Piece]:
    """Return all pieces; a number that the bot asked for under another name is none."""
    pieces: list[_Piece] = []
    asking = ""
    for at, turn in enumerate(turns):
        if _may_hold_piece(turn):
            found = _pieces(turn, at)
            pieces += () if found and _another(asking) else found
        elif turn.role in (Role.BOT, Role.HUMAN):
            asking = turn.audible or in_words(turn.intent or "") or asking
    return pieces


def _another(asking: str) -> bool:
    """Tell whether a bot's words ask for a number that is no card's."""
    said = read(asking).text
    return _INNOCENT.search(said) is not None and _CARD.search(said) is None


def _ends(turns: Sequence[Turn], pieces: list[_Piece], first: int) -> int:
    """Return the place after the last piece of the card number that begins at `first`, else 0."""
    number = ""
    for last, piece in enumerate(pieces[first:], first):
        number += piece.digits
        near = piece.turn - pieces[first].turn <= REACH
        if len(number) > _LONGEST_CARD or not near:
            return 0
        if len(number) < _SHORTEST_CARD or last == first or not is_card_number(number):
            continue
        parts = pieces[first : last + 1]
        if _shaped(parts) or _about_card(turns, parts):
            return last + 1
    return 0


def _shaped(parts: Sequence[_Piece]) -> bool:
    """Tell whether bare turns give groups as card numbers have them, none of them said again."""
    sizes = [len(one.digits) for one in parts]
    if any(one.digits == two.digits and len(one.digits) > _GROUP for one, two in pairwise(parts)):
        return False
    printed = sizes in _PRINTED or not any(size % 4 for size in sizes[:-1])
    return printed and all(one.bare for one in parts)


def _about_card(turns: Sequence[Turn], parts: Sequence[_Piece]) -> bool:
    """Tell whether anybody speaks of a card in or shortly before these turns."""
    first, last = parts[0].turn, parts[-1].turn
    near = turns[max(0, first - 4) : last + 1]
    return any(_CARD.search(read(turn.audible).text) for turn in near if turn.audible)


def _mask(turns: Sequence[Turn], parts: Sequence[_Piece], changed: dict[int, Turn]) -> None:
    number = "".join(piece.digits for piece in parts)
    hidden = frozenset(piece.digits for piece in parts)
    for at in dict.fromkeys(piece.turn for piece in parts):
        turn = changed.get(at, turns[at])
        masks = {
            piece.place: mask(number) if piece is parts[-1] else part(len(piece.digits))
            for piece in parts
            if piece.turn == at
        }
        changed[at] = turn.model_copy(
            update={
                "text": replaced(turn.text, masks),
                "heard": turn.heard and scrub(turn.heard, hidden),
                "nbest": tuple(scrub(guess, None) for guess in turn.nbest),
                "slots": scrubbed(turn.slots, hidden, numbers=True),
            }
        )


def pieces_in(turns: Iterable[Turn]) -> frozenset[str]:
    """Return the digits of every number in the customers' words of `turns`."""
    return frozenset(
        digits
        for turn in turns
        for _, _, digits in free_numbers(turn.text, read(turn.text))
        if len(digits) > 1
    )


def scrub(text: str, hidden: frozenset[str] | None) -> str:
    """Return `text` without the numbers `hidden`, however they are written; None: without any."""
    if not has_number(text):
        return text
    masks = {
        (start, end): part(len(digits))
        for start, end, digits in free_numbers(text, read(text))
        if hidden is None or digits in hidden
    }
    return replaced(text, masks) if masks else text


def scrubbed(value: JsonValue, hidden: frozenset[str], *, numbers: bool = False) -> JsonValue:
    """Return JSON with the numbers `hidden` masked in its texts and keys; also as JSON numbers."""
    match value:
        case dict():
            return {
                scrub(key, hidden): scrubbed(item, hidden, numbers=numbers)
                for key, item in value.items()
            }
        case list():
            return [scrubbed(item, hidden, numbers=numbers) for item in value]
        case str():
            return part(len(value)) if value in hidden else scrub(value, hidden)
        case int() if numbers and not isinstance(value, bool) and str(value) in hidden:
            return part(len(str(value)))
        case _:
            return value


def looks_back(listening: Listening, turn: Turn) -> int | None:
    """Return the index from which turns are to be read, as this one may complete a number."""
    if not _may_hold_piece(turn):
        return None
    pieces = _pieces(turn)
    index = turn.index or 0
    near = [one for one in listening.pieces if index - REACH <= one < index]
    if not pieces or (not near and len(pieces) == 1):
        return None
    return min((*near, index)) - 4


def over(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return numbered, masked turns with what they give away together masked as well."""
    listening = SILENT
    clean: list[Turn] = []
    looked = False
    for turn in turns:
        kept = sealed(listening, turn)
        looked = looked or looks_back(listening, kept) is not None
        listening = listening.heard(kept) if kept.final else listening
        clean.append(kept)
    for at, turn in joined(clean).items() if looked else ():
        clean[at] = turn
    return tuple(clean)

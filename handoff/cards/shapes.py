"""Take a value of a given shape from the words at a place."""

from collections.abc import Callable, Sequence

import re2

from handoff.cards.cues import LINKS, Shape, cue_at, is_everyday
from handoff.cards.spelling import spelt_runs
from handoff.cards.tokens import Token
from handoff.domain.dates import days
from handoff.domain.identifiers import Kind, find

_NAME_WORDS = 4
_CODE_WORDS = 12
_SHORTEST_CODE = 3
_CODE_LETTERS = 4
"""Letters that may stand alone inside a code: `hcu 834693567`."""
_NEW = "new"
"""An ordinary word that begins the names of many towns."""
_ADDRESS_WORDS = 14
_DATE_WORDS = 6
_PHONE_DIGITS = 6
_MAIL = re2.compile(
    r"(?:@|mail|yahoo|outlook|icloud).*(?:com|net|org|edu|[a-z]{2})$|\.(?:com|net|org)$"
)
_MAIL_WORDS = 6
_SMALL = frozenset({"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"})

Parts = Sequence[Token]


def take(
    shape: Shape, text: str, parts: tuple[Token, ...], place: int, language: str | None
) -> str:
    """Return the value at a place as written, empty where none of that shape stands there."""
    place = _after_links(parts, place, shape)
    run = _TAKERS[shape](parts[place:], language)
    if not run:
        return ""
    written = text[run[0].start : run[-1].end]
    if shape is Shape.CODE and not any(token.has_digit for token in run):
        spelt = spelt_runs(written)
        return spelt[0][1] if spelt else ""
    return written


def _after_links(parts: tuple[Token, ...], place: int, shape: Shape) -> int:
    """Return the place after words that link a cue and its value; a letter may begin a code."""
    while place < len(parts) and parts[place].plain in LINKS:
        if shape is Shape.CODE and len(parts[place].plain) == 1:
            break
        place += 1
    return place


def _clause(parts: Parts, limit: int) -> list[Token]:
    """Return the words up to punctuation or the next cue, at most `limit`."""
    taken: list[Token] = []
    whole = tuple(parts[: limit + 4])
    for place, token in enumerate(whole[:limit]):
        cue = cue_at(whole, place) if taken else None
        if taken and (token.parted or cue is not None):
            break
        taken.append(token)
    return taken


def proper_name(parts: Parts, language: str | None) -> list[Token]:
    """Return the words of a name: letters only, no ordinary word among them."""
    taken: list[Token] = []
    clause = _clause(parts, _NAME_WORDS)
    for place, token in enumerate(clause):
        new = not taken and token.plain == _NEW and len(clause) > place + 1
        if token.has_digit or (is_everyday(token, language) and not new):
            break
        taken.append(token)
    return taken if [token.plain for token in taken] != [_NEW] else []


def code(parts: Parts, language: str | None) -> list[Token]:
    """Return the pieces of a code: those with digits and short ones of letters, or spelt words."""
    clause = _clause(parts, _CODE_WORDS)
    taken: list[Token] = []
    for place, token in enumerate(clause):
        near = any(other.has_digit for other in clause[max(place - 1, 0) : place + 3])
        if not token.has_digit and not (near and _is_piece(token, language, first=not taken)):
            break
        taken.append(token)
    while taken and len(taken[-1].plain) > 2 and not taken[-1].has_digit:
        taken.pop()
    if not any(token.has_digit for token in taken):
        return _spelt(clause)
    return taken if sum(len(token.plain) for token in taken) >= _SHORTEST_CODE else []


def _is_piece(token: Token, language: str | None, *, first: bool) -> bool:
    """Tell whether letters may be part of a code: few, and no word unless they begin it."""
    letters = token.plain
    if len(letters) == 1:
        return True
    word = is_everyday(token, language) or token.is_wordlike
    return len(letters) <= _CODE_LETTERS and (
        not word or (first and not is_everyday(token, language))
    )


def _spelt(clause: list[Token]) -> list[Token]:
    """Return the words at the beginning of a clause that spell a code."""
    for end in range(len(clause), 2, -1):
        written = " ".join(token.plain for token in clause[:end])
        runs = spelt_runs(written)
        if runs and runs[0][0] == written:
            return clause[:end]
    return []


def digits(parts: Parts, _: str | None) -> list[Token]:
    """Return pieces of digits that together are long enough for a telephone number."""
    taken: list[Token] = []
    for token in _clause(parts, _CODE_WORDS):
        if not token.has_digit and token.plain != "x":
            break
        taken.append(token)
    count = sum(char.isdigit() for token in taken for char in token.plain)
    return taken if count >= _PHONE_DIGITS else []


def email(parts: Parts, _: str | None) -> list[Token]:
    """Return the words up to one that ends like a mail address, as recognisers write it."""
    clause = _clause(parts, _MAIL_WORDS)
    for place, token in enumerate(clause):
        if _MAIL.search(token.plain):
            return clause[: place + 1]
    return []


def address(parts: Parts, _: str | None) -> list[Token]:
    """Return the words of an address: on over commas, up to the next cue."""
    taken: list[Token] = []
    whole = tuple(parts[: _ADDRESS_WORDS + 4])
    for place, token in enumerate(whole[:_ADDRESS_WORDS]):
        if (taken and cue_at(whole, place)) or token.plain == "and" or _is_phone(token):
            break
        taken.append(token)
    telling = len(taken) > 1 and any(token.has_digit for token in taken)
    return taken if telling or len(taken) > 2 else []


def _is_phone(token: Token) -> bool:
    return token.plain.isdecimal() and len(token.plain) >= 9


def quantity(parts: Parts, _: str | None) -> list[Token]:
    """Return a number as digits or a small one as a word."""
    first = list(parts[:1])
    return first if first and (first[0].plain.isdecimal() or first[0].plain in _SMALL) else []


def amount(parts: Parts, _: str | None) -> list[Token]:
    """Return a plain number that may be an amount; one with marks is found by these anyway."""
    first = list(parts[:1])
    if not first or not first[0].plain.replace(".", "", 1).isdecimal():
        return []
    grouped = len(parts) > 1 and parts[1].start == first[0].end + 1 and parts[1].has_digit
    return [] if grouped else first


def date(parts: Parts, _: str | None) -> list[Token]:
    """Return the longest beginning that is a day."""
    clause = _clause(parts, _DATE_WORDS)
    for end in range(len(clause), 0, -1):
        written = " ".join(token.text for token in clause[:end])
        found = find(written)
        if days(written) or (found and found[0].kind is Kind.DATE and end == 1):
            return clause[:end]
    return []


_TAKERS: dict[Shape, Callable[[Parts, str | None], list[Token]]] = {
    Shape.WORDS: proper_name,
    Shape.CODE: code,
    Shape.DIGITS: digits,
    Shape.EMAIL: email,
    Shape.ADDRESS: address,
    Shape.QUANTITY: quantity,
    Shape.AMOUNT: amount,
    Shape.DATE: date,
}

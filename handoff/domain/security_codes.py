"""Where the security codes of payment cards (CVV, CVC, CID) stand in a text."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

import re2

from handoff.domain.digits import BREAK, REST, Digits, Reading, groups, replaced

_KEYWORD = re2.compile(
    rb"cvv|cvc|\bcvn|\bcsc\b|security\W+(?:code|number|digits)|card verification"
    rb"|\b(?:three|four|3|4)[ -]digits? (?:code|security)|\b(?:on|at) the back"
    rb"|prue?f(?:nummer|ziffer)|codigo de seguridad|code de securite|cryptogramme"
    rb"|codice di sicurezza"
)
_start = attrgetter("start")

_NO_DIGITS = b" " + REST
_LEAST = len("123")
_AFTER_KEYWORD = 48
_BEFORE_KEYWORD = 24
_NEAR_CARD = 40
_BESIDE_CARD = 9
"""Digits in one run beside a card: expiry and code. A telephone number has more."""
_MONEY_SIGNS = ("$", "€", "£", "¥")
_MONEY = (*_MONEY_SIGNS, "%", "usd", "eur", "gbp", "dollar", "euro", "pound", "buck", "cent")


def security_codes(text: str, reading: Reading, cards: Sequence[Digits]) -> set[tuple[int, int]]:
    """Return (start, end) of each security code in `text`, whose card numbers are `cards`.

    A code is 3 or 4 digits after (or shortly before) words that name it, or near a card number.
    """
    words = reading.text.encode()
    named = _KEYWORD.search(words) is not None
    if not cards and not named:
        return set()
    codes: list[Digits] = []  # that words may name
    found: list[Digits] = []
    hidden = replaced(text, {(c.start, c.end): "x" * (c.end - c.start) for c in cards})
    for run in _runs(reading, cards, most=len(text) if named else _BESIDE_CARD):
        short = list(_short(run))
        codes += short or _in_parts(run)
        if cards and sum(len(group.digits) for group in run) <= _BESIDE_CARD:
            found += (c for c in short if _near(c, cards) and not _otherwise(hidden, c))
    if codes:
        for match in _KEYWORD.finditer(words):
            found += _named(codes, *match.span())
    return {(code.start, code.end) for code in found}


def _runs(reading: Reading, cards: Sequence[Digits], most: int) -> Iterator[list[Digits]]:
    """Yield the groups of at most `most` digits that no break separates, outside `cards`."""
    marks = bytearray(reading.marks)
    for card in cards:
        marks[card.start : card.end] = BREAK * (card.end - card.start)
    at = 0
    for piece in bytes(marks).split(BREAK):
        if len(piece) >= _LEAST and _LEAST <= len(piece.translate(None, _NO_DIGITS)) <= most:
            yield list(groups(piece, at))
        at += len(piece) + 1


def _short(run: Sequence[Digits]) -> Iterator[Digits]:
    """Yield what could be a code in one run: 3 or 4 digits, written together or one by one."""
    for size, same in groupby(run, key=lambda group: len(group.digits)):
        alike = list(same)
        if size in (3, 4):
            yield from alike
        elif size == 1 and len(alike) in (3, 4):
            yield Digits(alike[0].start, alike[-1].end, "".join(g.digits for g in alike))


def _in_parts(run: Sequence[Digits]) -> list[Digits]:
    """Return a whole run of 3 or 4 digits that is said in parts ("thirty-three five")."""
    digits = "".join(group.digits for group in run)
    return [Digits(run[0].start, run[-1].end, digits)] if len(digits) in (3, 4) else []


def _named(codes: Sequence[Digits], start: int, end: int) -> Iterator[Digits]:
    """Yield the code that the words from `start` to `end` name: the next one, else the last."""
    following = bisect_left(codes, end, key=_start)
    if following < len(codes) and codes[following].start <= end + _AFTER_KEYWORD:
        yield codes[following]
    elif following and start - _BEFORE_KEYWORD <= codes[following - 1].end <= start:
        yield codes[following - 1]


def _near(code: Digits, cards: Sequence[Digits]) -> bool:
    """Return whether `code` stands close to a card number."""
    following = bisect_left(cards, code.end, key=_start)
    if following < len(cards) and cards[following].start <= code.end + _NEAR_CARD:
        return True
    return following > 0 and code.start <= cards[following - 1].end + _NEAR_CARD


def _otherwise(text: str, code: Digits) -> bool:
    """Return whether the digits are an amount of money or part of a longer word ("221B")."""
    before = text[max(0, code.start - 2) : code.start].rstrip()
    after = text[code.end : code.end + 12].lower()
    decimals = after[:1] in (".", ",") and after[1:2].isdigit()
    return (
        before.endswith(_MONEY_SIGNS)
        or after[:1].isalpha()
        or decimals
        or after.lstrip().startswith(_MONEY)
    )

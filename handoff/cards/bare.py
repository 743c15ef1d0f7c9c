"""Values told by themselves, known by their look alone: `9963002589`, `chennai 641666`."""

from collections.abc import Iterator

import re2

from handoff.cards.cues import (
    BRANDS,
    GOODS,
    JOINERS,
    LEADS,
    ORDER,
    PAYMENTS,
    SERVICES,
    SIZES,
    STREETS,
    cue_at,
    is_everyday,
)
from handoff.cards.shapes import code, digits, email, proper_name
from handoff.cards.tokens import Token, tokens
from handoff.domain.dates import readings
from handoff.domain.masking import masked_parts

_LONGEST = 30
"""Words beyond which a turn is a story, not a value."""
_ARTICLES = frozenset({"a", "an", "some"})
_NUMBERS = _ARTICLES | {"one", "two", "three", "four", "five", "six", "ten"}
_MOST_OF_A_NAME = 3
_MODEL_WORDS = 2
_GOODS_BEFORE = 4
_BEFORE_STREET = 5
"""Words before a street's kind in which its number is looked for."""
_AND = frozenset({"and"})
_KINDS_OF_SERVICE = frozenset({"service", "services", "connection", "plan"})
_PHONE = range(10, 14)
_POSTAL = range(5, 7)
_YEAR = re2.compile(r"(?:19[3-9]|20[0-4])\d")
_SIZE_OF_DATA = re2.compile(r"[kmgt]b")
_LONG_NUMBER = range(7, 13)
"""Digits of a number that may be a reference; longer ones may be a payment card's."""
_NUMBERED = frozenset({"reference number", "number or zipcode"})
_SHORTEST_CODE = 4
_SMALL = 2
"""Digits of a number that only counts."""
_APART = range(4, 7)
_WORDS = "words"
"""Words by themselves: a name, a town, or what is ordered."""


def bare_values(
    text: str, language: str | None, *, ordering: bool = False, sensitive: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield name and value of what a short turn holds, guessed from how it looks.

    `ordering`: goods were spoken of, so words by themselves are one of these, not somebody's name;
    `sensitive`: so were cards or passwords, so a number by itself may be one and is left alone.
    """
    parts = tokens(text)
    if not parts or len(parts) > _LONGEST:
        return
    if ordering:
        yield from _ordered(text, parts, language)
    yield from _listed(text, parts)
    address = _address(parts)
    if address:
        yield "address", _written(text, address)
    rest = tuple(token for token in parts if token not in address)
    # What is left beside a masked value is what it is called: "my iban [iban ••3000]".
    words = "" if any(masked_parts(text)) else _called(parts, language, ordering=ordering)
    for segment in _segments(rest, language):
        for name, value in _segment(text, segment, language):
            shown = words if name == _WORDS else name
            if shown and not (sensitive and shown in _NUMBERED):
                yield shown, value


def _called(parts: tuple[Token, ...], language: str | None, *, ordering: bool) -> str:
    """Return what words by themselves are called; nothing where they stand in a sentence."""
    ordinary = (token.plain for token in parts if _is_ordinary(token, language))
    if not all(plain in LEADS | JOINERS for plain in ordinary):
        return ""
    return "item" if ordering else "name or city"


def _segments(parts: tuple[Token, ...], language: str | None) -> Iterator[tuple[Token, ...]]:
    """Yield the stretches between ordinary words, joiners and punctuation."""
    segment: list[Token] = []
    for place, token in enumerate(parts):
        apart = token.plain in JOINERS or _is_ordinary(token, language)
        if len(token.plain) == 1 and not token.has_digit:
            around = parts[max(place - 1, 0) : place + 2]
            apart = not any(near.has_digit for near in around)
        if segment and (token.parted or apart):
            yield tuple(segment)
            segment = []
        if not apart:
            segment.append(token)
    if segment:
        yield tuple(segment)


def _is_ordinary(token: Token, language: str | None) -> bool:
    kept = token.plain in STREETS or token.plain in BRANDS
    return not kept and is_everyday(token, language)


def _segment(
    text: str, segment: tuple[Token, ...], language: str | None
) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(segment):
        name, run = _value(segment, place, language)
        if name:
            yield name, _written(text, run)
        if name == "car brand":
            yield from _model(text, segment[place + 1 :])
            run = [*run, *_model_words(segment[place + 1 :])]
        place += max(len(run), 1)


def _value(segment: tuple[Token, ...], place: int, language: str | None) -> tuple[str, list[Token]]:
    """Return the value that begins at a place, with what it is called; no name: it says nothing."""
    rest = segment[place:]
    if mail := email(rest, language):
        return "email address", mail
    if rest[0].plain in BRANDS:
        return "car brand", [rest[0]]
    if _count(number := digits(rest, language)) in _PHONE:
        return "phone number", number
    if len(rest) > 1 and rest[0].plain.isdecimal() and _SIZE_OF_DATA.fullmatch(rest[1].plain):
        return "data", list(rest[:2])
    run = [] if _is_word_and_number(rest) else code(rest, language)
    if not run and rest[0].plain.isdecimal():
        run = [rest[0]]
    return _number(run) if run else _name(segment, place, language)


def _is_word_and_number(rest: tuple[Token, ...]) -> bool:
    """Tell whether a word stands before a number of its own: `goa 456321`, unlike `hcu 8346`."""
    spoken = rest[0].is_wordlike and rest[0].plain.isalpha()
    return spoken and len(rest) > 1 and rest[1].plain.isdecimal() and len(rest[1].plain) in _APART


def _number(run: list[Token]) -> tuple[str, list[Token]]:
    """Return what a number may be; short ones may be secrets and say nothing by themselves."""
    alone = len(run) == 1
    if not all(token.plain.isdecimal() for token in run):
        return ("reference number" if _count(run, letters=True) >= _SHORTEST_CODE else ""), run
    if alone and len(run[0].plain) <= _SMALL:
        return "quantity", run
    if alone and _YEAR.fullmatch(run[0].plain):
        return "year", run
    if alone and len(run[0].plain) in _POSTAL:
        return "number or zipcode", run
    if readings("".join(token.plain for token in run)):
        return "date", run
    return ("reference number" if _count(run) in _LONG_NUMBER else ""), run


def _name(segment: tuple[Token, ...], place: int, language: str | None) -> tuple[str, list[Token]]:
    """Return a name: a few words of letters, and nothing but a number beside them."""
    run = proper_name(segment[place:], language)
    few = place == 0 and 0 < len(run) <= _MOST_OF_A_NAME
    letters = sum(len(token.plain) for token in run)
    return (_WORDS if few and letters > 2 else ""), run


def _count(run: list[Token], *, letters: bool = False) -> int:
    return sum(char.isdigit() or (letters and char.isalpha()) for t in run for char in t.plain)


def _address(parts: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the words of an address: from its number, or two words before the street, on.

    It ends before a telephone number, a joiner or another cue. Without a number it is none: "I
    want to close my account" has the word of a street.
    """
    found = _from_street(parts)
    return found if any(token.has_digit for token in found) else ()


def _from_street(parts: tuple[Token, ...]) -> tuple[Token, ...]:
    street = next((at for at, token in enumerate(parts) if token.plain in STREETS), 0)
    if not street:
        return ()
    start = next(
        (at for at in range(max(street - _BEFORE_STREET, 0), street) if parts[at].has_digit),
        max(street - 2, 0),
    )
    for end in range(street + 1, len(parts)):
        ends = parts[end].plain in _AND or cue_at(parts, end) is not None
        if ends or _count(digits(parts[end:], None)) in _PHONE:
            return parts[start:end]
    return parts[start:]


def _model(text: str, rest: tuple[Token, ...]) -> Iterator[tuple[str, str]]:
    if words := _model_words(rest):
        yield "car model", _written(text, words)


def _model_words(rest: tuple[Token, ...]) -> list[Token]:
    words: list[Token] = []
    for token in rest[:_MODEL_WORDS]:
        if _YEAR.fullmatch(token.plain) or token.parted:
            break
        words.append(token)
    return words


def _listed(text: str, parts: tuple[Token, ...]) -> Iterator[tuple[str, str]]:
    """Yield how is paid, and which service is spoken of."""
    flow = f" {' '.join(token.plain for token in parts)} "
    yield from (("payment type", paid) for paid in PAYMENTS if f" {paid} " in flow)
    for place, token in enumerate(parts):
        if token.plain in SERVICES and cue_at(parts, place) is None:
            following = parts[place + 1 : place + 2]
            kind = following and following[0].plain in _KINDS_OF_SERVICE
            yield "service", _written(text, parts[place : place + (2 if kind else 1)])


def _ordered(
    text: str, parts: tuple[Token, ...], language: str | None
) -> Iterator[tuple[str, str]]:
    """Yield what is ordered, its sizes and how many of it."""
    place = 0
    while place < len(parts):
        token = parts[place]
        counted = token.plain.isdecimal() and len(token.plain) <= _SMALL
        counted = counted or token.plain in _NUMBERS
        if token.plain in SIZES:
            yield "size", token.text
        item: list[Token] = []
        if counted or token.plain in ORDER:
            item = _item(parts[place + 1 :], language, known=False)
        elif token.plain.isalpha():
            item = _item(parts[place:], language, known=True)
        if counted and token.plain not in _ARTICLES:
            yield "quantity", token.text
        if item:
            yield "item", _written(text, item)
            place = parts.index(item[-1])
        place += 1


def _item(rest: tuple[Token, ...], language: str | None, *, known: bool) -> list[Token]:
    """Return the words of something ordered, up to a joiner or punctuation.

    `known`: only with a good that is known by name.
    """
    words: list[Token] = []
    for token in rest[: _GOODS_BEFORE + 2]:
        ordinary = token.plain not in GOODS | SIZES and is_everyday(token, language)
        if (words and token.parted) or token.plain in JOINERS or ordinary:
            break
        words.append(token)
    good = any(token.plain in GOODS for token in words)
    letters = [token for token in words if token.plain.isalpha()]
    return words if good or (not known and letters and letters == words) else []


def _written(text: str, run: list[Token] | tuple[Token, ...]) -> str:
    return text[run[0].start : run[-1].end]

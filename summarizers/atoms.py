"""A text as atoms that can be compared: words and numbers, plain, each where it stands."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import re2

from handoff.domain.text import unaccented
from summarizers.lexicon import Numerals, numerals
from summarizers.numbers import said

LONGEST = 60_000
"""Characters of one text that are read."""
_PIECE = 500
_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´")
_ATOM = re2.compile(r"[\pL\pM\pN]*\pL[\pL\pM\pN]*|\d[\d.,]*\d|[\pL\pM\pN]+")
_PLAIN_NUMBER = re2.compile(r"^\d+$|^\d{1,3}(?:[,.]\d{3})+(?:[.,]\d{1,2})?$|^\d+[.,]\d+$")
_ELISION = re2.compile(r"\b(qu|[cdjlmnst])['’]")
_ISO = re2.compile(r"(\d)t(\d)")
_ORDINAL = re2.compile(r"^(\d{1,2})(?:st|nd|rd|th|er|re|e)$")
_DIGITS = re2.compile(r"\d+")


def plain(text: str) -> str:
    """Return a text in lower case, without accents, apostrophes and other scripts' digits."""
    text = text[:LONGEST]
    if not text.isascii():
        pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
        text = "".join(unicodedata.normalize("NFKC", piece)[: 2 * _PIECE] for piece in pieces)
        text = "".join(
            str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text
        )
    parted = _ELISION.sub(r"\1 ", unaccented(text.casefold()))
    folded: str = _ISO.sub(r"\1 \2", parted.translate(_APOSTROPHES))
    return folded


@dataclass(frozen=True, slots=True)
class Atom:
    """One word or number of a plain text."""

    text: str
    """As compared: a word as it is, a number said in words as its digits."""
    start: int
    end: int
    values: frozenset[Decimal] = frozenset()
    """What it may mean as a number; empty for a word."""
    said: str = ""
    """The word or words, where a number was said in words."""


def atoms(text: str, language: str = "en") -> tuple[Atom, ...]:
    """Return the atoms of a plain text in order, numbers said in words put together."""
    return tuple(_numbers_together(tuple(_pieces(text)), numerals(language)))


def _pieces(text: str) -> Iterator[Atom]:
    for found in _ATOM.finditer(text):
        start, whole = found.start(), found.group()
        if not whole[0].isdigit() or whole.isalnum() or _PLAIN_NUMBER.match(whole):
            yield _atom(whole, start)
            continue
        for part in _DIGITS.finditer(whole):  # "2, 3" and "10.5.2024" are several
            yield _atom(part.group(), start + part.start())


def _atom(text: str, start: int) -> Atom:
    end = start + len(text)
    if text[0].isdigit():
        if ordinal := _ORDINAL.match(text):
            return Atom(ordinal.group(1), start, end, frozenset({Decimal(ordinal.group(1))}))
        if values := frozenset(_values(text)):
            return Atom(text, start, end, values)
    return Atom(text, start, end)


def _values(text: str) -> Iterator[Decimal]:
    """Yield what a number may mean: `1,234` is a thousand and more, or little more than one."""
    if text.isdecimal():
        yield Decimal(text)
        return
    if _PLAIN_NUMBER.match(text) is None:
        return
    for point, grouping in ((".", ","), (",", ".")):
        whole, _, fraction = text.partition(point)
        if (not fraction or fraction.isdecimal()) and _grouped(whole.split(grouping)):
            yield Decimal(f"{whole.replace(grouping, '')}.{fraction or 0}").normalize()


def _grouped(groups: Sequence[str]) -> bool:
    return all(map(str.isdecimal, groups)) and all(len(group) == 3 for group in groups[1:])


def _numbers_together(parts: Sequence[Atom], tables: Numerals) -> Iterator[Atom]:
    words = [part.text for part in parts]
    at = 0
    while at < len(parts):
        length, value = said(words[at : at + 9], tables)
        if not length:
            yield parts[at]
            at += 1
            continue
        spoken = " ".join(words[at : at + length])
        first, last = parts[at], parts[at + length - 1]
        yield Atom(str(value), first.start, last.end, frozenset({Decimal(value)}), spoken)
        at += length

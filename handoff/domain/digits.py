"""The digits of a text, in whatever script, words or markup, each at its own position.

A `Reading` has as many characters as its text, so a place in one is the same place in the other.
Everything here is one pass of the interpreter's own string functions: a hostile text of digits
costs about what its length does.
"""

import html
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from string import ascii_lowercase

from handoff.domain.glance import Glance
from handoff.domain.number_words import (
    FILLERS,
    FOURTH,
    JOINTS,
    PORTUGUESE,
    PORTUGUESE_ONE,
    TENS,
    TIMES,
    TWENTIES,
    UNITS,
    UP_TO_NINETEEN,
    WORDS,
)

_OTHER_DIGITS = {
    sign: str(value)
    for signs in ("⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉", "〇①②③④⑤⑥⑦⑧⑨", "零一二三四五六七八九")
    for value, sign in enumerate(signs)
}

_STROKES = {"ß": "s", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "a", "œ": "o"}
"""Latin letters without a plain letter inside, and the one that is read."""
_ACCENTS = {
    ord(accents[0]): f"[{accents}]"
    for accents in ("aàáâãä", "cçć", "eèéêëę", "iìíîï", "oòóôõö", "sśß", "uùúûü", "zźż")
}
_SPELT = "|".join(sorted({*WORDS, *TIMES})).translate(_ACCENTS)
DENSE = (
    r"(?i)[0-9](?:[^a-z0-9]*[0-9]){5}"  # six digits or more without a letter between
    r"|[0-9][^a-z0-9]?(?:<|&|%20|[x+][0-9])"  # under decoration
    r"|[a-z]{3} ?[0-9]{2}[a-z][0-9]{2}"  # among letters, as in an Italian tax code
)
"""Digits enough together for a number to matter."""
_FOREIGN = "".join(
    {chr(code) for code in range(128, sys.maxunicode + 1) if chr(code).isdecimal()}
    | {*_OTHER_DIGITS}
)
_NUMBER_WORD = rf"\b(?:{_SPELT})\b"
PAIR = rf"(?i)[{_FOREIGN}]|{_NUMBER_WORD}[ ,_-]+{_NUMBER_WORD}"
"""The same in number words, and digits of other scripts."""
ANY_NUMBER = rf"(?i)[0-9{_FOREIGN}]|{_NUMBER_WORD}"
"""A digit or a single number word."""
_HAS_NUMBER = Glance(ANY_NUMBER)

BREAK = b"!"
"""In a reading: what digits of one number cannot stand on both sides of."""
REST = b"\x7f"
"""In a reading: the rest of a word that is longer than its digits."""
_REST = REST.decode()
_BREAKS = "+=%<>$"
_WORD_SIGNS = f"0123456789{ascii_lowercase}"
_SIGNS = {
    code: sign if sign in _WORD_SIGNS + _REST else "!" if sign in _BREAKS else " "
    for code, sign in enumerate(map(chr, range(128)))
}
_SAID = {word: digits.ljust(len(word), _REST) for word, digits in WORDS.items()} | {
    word: " " * len(word) for word in (*FILLERS, *TIMES)
}
_LEADING = frozenset({*TIMES, *TENS, FOURTH})
_LETTERS = bytes.maketrans(ascii_lowercase.encode(), BREAK * len(ascii_lowercase))

_FEW_SIGNS = 20
_LONGEST_ENTITY = 12
_EIGHTY = "quatrevingt"


@dataclass(frozen=True, slots=True)
class Digits:
    """A stretch of a text that reads as digits."""

    start: int
    end: int
    digits: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A text in lower-case ASCII, and as digits, spaces, `REST` and `BREAK` alone."""

    text: str
    marks: bytes


def has_number(text: str) -> bool:
    """Return whether `text` has a digit or a single number word."""
    return bool(_HAS_NUMBER(text))


def read(text: str) -> Reading:
    """Return the reading of `text` as it stands."""
    return marked(in_ascii(text))


def marked(plain: str) -> Reading:
    """Return the reading of a text that is `in_ascii` already."""
    return Reading(plain, _marks(plain))


def in_ascii(text: str) -> str:
    """Return the text of a reading: in lower case, in ASCII, each character at its own place."""
    return (text if text.isascii() else _replaced(text)).lower().replace(_REST, " ")


def _replaced(text: str) -> str:
    """Return `text` with each character that is not ASCII as the one to read for it."""
    signs = {sign: _plain(sign) for sign in set(text) if sign > "\x7f"}
    if len(signs) > _FEW_SIGNS:
        return text.translate({ord(sign): plain for sign, plain in signs.items()})
    for sign, plain in signs.items():  # for a few letters with accents far quicker
        text = text.replace(sign, plain)
    return text


def undecorated(reading: Reading) -> Reading:
    """Return the reading without what may hide a number: markup, `+` or `x` between digits."""
    text = reading.text.replace("%20", "   ")
    if "&" in text:
        text = "".join(_without_entities(text))
    if "<" in text:
        text = "".join(_without_tags(text))
    for sign in "+x":
        if sign in text:
            text = "".join(_without_joints(text, sign))
    return reading if text == reading.text else Reading(text, _marks(text))


def groups(piece: bytes, at: int) -> Iterator[Digits]:
    """Yield the digit groups of a piece of marks that stands `at` and has no `BREAK`."""
    for word in piece.split(b" "):
        if word:
            yield Digits(at, at + len(word), word.replace(REST, b"").decode())
        at += len(word) + 1


def replaced(text: str, by: Mapping[tuple[int, int], str]) -> str:
    """Return `text` with each stretch (start, end) replaced; stretches do not overlap."""
    pieces: list[str] = []
    done = 0
    for (start, end), replacement in sorted(by.items()):
        pieces += (text[done:start], replacement)
        done = end
    return "".join((*pieces, text[done:]))


def _plain(sign: str) -> str:
    """Return the ASCII character to read for one that is not."""
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    if digit := _OTHER_DIGITS.get(sign):
        return digit
    base = _STROKES.get(sign.lower()) or unicodedata.normalize("NFKD", sign)[:1]
    if base.isascii() and base.isalpha():
        return base
    if sign.isalnum():
        return "%"
    return "$" if unicodedata.category(sign) == "Sc" else " "


def _marks(text: str) -> bytes:
    """Return the marks of a text in lower-case ASCII, number words read as digits."""
    said = "!".join(
        " ".join(_said(stretch.split(" "))) if stretch.islower() else stretch
        for stretch in text.translate(_SIGNS).split("!")
    )
    return said.encode().translate(_LETTERS)


def _said(words: list[str]) -> list[str]:
    """Return each word as its digits, if it has any, and as long as it was."""
    said = [_SAID.get(word, word) for word in words]
    if PORTUGUESE_ONE in words and not PORTUGUESE.isdisjoint(words):
        said = [
            "1\x7f" if word == PORTUGUESE_ONE else s for word, s in zip(words, said, strict=True)
        ]
    return said if _LEADING.isdisjoint(words) else _together(words, said)


def _together(words: list[str], said: list[str]) -> list[str]:
    """Return `said` with "forty two", "quatre vingt douze" and "double five" as one group each."""
    together: list[str] = []
    leading, at = "", 0
    for word, digits in zip(words, said, strict=True):
        together.append(digits)
        if not word or (word in JOINTS and leading in TENS):
            continue
        if leading == FOURTH and word in TWENTIES:
            together[at:] = ["80".ljust(len(" ".join(together[at:])), _REST)]
            leading = _EIGHTY
        elif both := _both(leading, word):
            together[at:] = [both.ljust(len(" ".join(together[at:])), _REST)]
            leading = ""
        else:
            leading, at = (word if word in _LEADING else ""), len(together) - 1
    return together


def _both(leading: str, word: str) -> str:
    """Return the digits of "double" or "forty" with the word after it, "" if they do not join."""
    if times := TIMES.get(leading):
        digits = WORDS.get(word, "")
        return word[0] * times + word[1:] if word.isdecimal() else digits * times
    tens = "80" if leading == _EIGHTY else TENS.get(leading, "")
    if not tens or word not in WORDS:
        return ""
    if word in UNITS:
        return tens[0] + WORDS[word]
    beyond = leading == _EIGHTY or leading in UP_TO_NINETEEN
    return str(int(tens) + int(WORDS[word])) if beyond and WORDS[word][0] == "1" else ""


def _without_entities(text: str) -> Iterator[str]:
    """Yield the pieces of `text` with character references read or blank."""
    first, *others = text.split("&")
    yield first
    for piece in others:
        end = piece.find(";", 0, _LONGEST_ENTITY) + 1
        yield _entity(piece[:end]) if end else "&"
        yield piece[end:]


@lru_cache(maxsize=256)
def _entity(name: str) -> str:
    """Return what `&name` stands for, as long as it is, if that may be part of a number."""
    sign = html.unescape(f"&{name}")
    plain = _plain(sign) if len(sign) == 1 and not sign.isascii() else sign
    if plain.isdecimal():
        return plain.ljust(len(name) + 1, _REST)
    return f"&{name}" if plain[:1].isalnum() or plain[:1] in ("%", "&") else " " * (len(name) + 1)


def _without_tags(text: str) -> Iterator[str]:
    """Yield the pieces of `text` with each tag of HTML or XML blank."""
    first, *others = text.split("<")
    yield first
    for piece in others:
        end = piece.find(">") + 1
        tag = end and (piece[0] == "/" or piece[0].isalpha())
        yield " " * (end + 1) + piece[end:] if tag else f"<{piece}"


def _without_joints(text: str, sign: str) -> Iterator[str]:
    """Yield the pieces of `text` with `sign` blank where it stands between two digits."""
    pieces = text.split(sign)
    yield pieces[0]
    for before, after in pairwise(pieces):
        joint = before[-1:].isdigit() and after[:1].isdigit()
        yield f" {after}" if joint else sign + after

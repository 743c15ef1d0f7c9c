"""Text as signals read it: normalised, capped, in words, and computed once per turn."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from handoff.domain.turn import Role, Turn

CAP: Final = 2_000
"""Characters read at each end of a text; what lies between costs nothing and decides nothing."""

_PIECE: Final = 500
_APOSTROPHES: Final = "'’‘ʼ＇`´"
_WORD_CATEGORIES: Final = frozenset({"L", "N", "M"})


class _Separators(dict[int, str | None]):
    """Character → what it reads as: itself in a word, nothing if invisible, else a space."""

    def __missing__(self, code: int) -> str | None:
        """Judge a character outside ASCII, remembering nothing: hostile text cannot grow it."""
        category = unicodedata.category(chr(code))
        if category[0] in _WORD_CATEGORIES:
            return chr(code)
        return None if category == "Cf" else " "


_SEPARATORS: Final = _Separators(
    {code: chr(code) if chr(code).isalnum() else " " for code in range(128)}
    | {ord(mark): None for mark in _APOSTROPHES}
)
_STROKES: Final = {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"}
_PLAIN: Final = {
    char: plain
    for char in map(chr, range(0xE0, 0x250))
    if (plain := unicodedata.normalize("NFD", char)[0]).isascii()
} | _STROKES
"""Latin letters with an accent or stroke → without."""


def capped(text: str) -> str:
    """Return `text`, without its middle where it is longer than both ends that are read."""
    if len(text) <= 2 * CAP:
        return text
    return f"{text[:CAP]} {text[-CAP:]}"


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    # In pieces, because putting combining marks in order is quadratic in their number; each is cut,
    # because compatibility forms can grow a text eighteenfold.
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    return "".join(
        unicodedata.normalize("NFKC", piece)[: 2 * _PIECE] for piece in pieces
    ).casefold()


def normalise(text: str) -> str:
    """Return the words of `text`, lower case, one space between them, no punctuation.

    NFKC, case folding, apostrophes and invisible characters dropped ("Don’t" reads "dont"),
    everything else that is no letter, mark or digit becomes a space. Reads `capped` text.
    """
    return " ".join(_folded(capped(text)).translate(_SEPARATORS).split())


def unaccented(text: str) -> str:
    """Return lower-case `text` with plain letters for accented Latin ones ("él" reads "el")."""
    if not text.isascii():
        for char in _PLAIN.keys() & {*text}:
            text = text.replace(char, _PLAIN[char])
    return text


def excerpt(text: str, size: int) -> str:
    """Return the beginning and end of `text` that take at most `size` characters as JSON."""
    if not text.isascii():
        size //= 6 if max(text) <= "\uffff" else 12
    if len(text) <= size:
        return text
    head = 2 * size // 3
    return f"{text[:head]}{text[head - size :]}"


Sense = Callable[[str, str], float]
"""How near two texts are in meaning, from 0 for nothing in common to 1."""


def no_sense(_left: str, _right: str) -> float:
    """Return 0: of what words mean nothing is known."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the conversation before a turn."""

    slots: Mapping[str, JsonValue] = field(default_factory=dict)
    attributes: Mapping[str, JsonValue] = field(default_factory=dict)
    job: str | None = None
    channel: str | None = None
    language: str | None = None
    """As the runtime said it, of this turn or an earlier one."""


NOTHING_KNOWN: Final = Known()


@dataclass(frozen=True, slots=True)
class TurnView:
    """A turn as signals see it: what was really heard, normalised, and what is already known."""

    turn: Turn
    known: Known
    index: int
    role: Role
    text: str
    """`normalise` of what was audible; empty under secure capture."""
    words: tuple[str, ...]
    content: frozenset[str]
    """The words that carry meaning: without "where", "is", "my" and their like."""
    intent: str
    """The runtime's intent in words ("ask_postcode" reads "ask postcode"), empty if unknown."""
    said: Mapping[str, str]
    """Kind of phrase → the words that matched, from the phrase packs."""
    intended: Mapping[str, str]
    """The same, of the intent."""
    progress: bool
    """A slot was newly filled, a tool call succeeded or a job was finished by this turn."""
    sense: Sense = no_sense
    """Tells how near words are in meaning; too slow to ask without another reason to."""


def in_words(name: str) -> str:
    """Return an identifier as words: "AskPostcode" and "ask_postcode" read "ask postcode"."""
    spaced = "".join(f" {char}" if char.isupper() else char for char in name[:200])
    return normalise(spaced if any(map(str.islower, name)) else name)

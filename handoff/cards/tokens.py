"""The words of a turn, each where it stands and with what parts it from the one before."""

from typing import NamedTuple

from handoff.domain.text import unaccented

_READ = 2_000
"""Characters of a turn that are read: whoever says more does not answer a question."""
_PART = "\n"
_SPACES = "\t\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_PARTED = str.maketrans(dict.fromkeys(",;:!?()[]{}…¿¡", _PART) | dict.fromkeys(_SPACES, " "))
_AROUND = "._-'’‘+&/#*•\"“”„«»<>|`~=@\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
"""What may stand around a word without being part of it."""
_NO_DIGITS = str.maketrans("", "", "0123456789")
_VOWELS = frozenset("aeiouy")


class Token(NamedTuple):
    """One word of a turn, as written and plain, and whether punctuation stands before it."""

    text: str
    plain: str
    start: int
    parted: bool

    @property
    def end(self) -> int:
        """Return where the word ends."""
        return self.start + len(self.text)

    @property
    def has_digit(self) -> bool:
        """Tell whether there is a digit in it."""
        return not self.plain.isalpha() and self.plain.translate(_NO_DIGITS) != self.plain

    @property
    def is_wordlike(self) -> bool:
        """Tell whether its letters may be a word: more than two, a vowel among them."""
        return len(self.plain) > 2 and not _VOWELS.isdisjoint(self.plain)


_new = tuple.__new__
"""Calling the class itself costs twice that, and there are many words."""


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a turn with what parts them."""
    found: list[Token] = []
    at = 0
    for clause in text[:_READ].translate(_PARTED).split(_PART):
        parted = True
        for raw in clause.split(" "):
            if word := raw.strip(_AROUND):
                plain = word.lower()
                if not plain.isalnum() or not plain.isascii():
                    plain = unaccented(plain.replace("'", "").replace("’", ""))
                inside = raw.index(word) if len(raw) > len(word) else 0
                found.append(_new(Token, (word, plain, at + inside, parted)))
            if raw:
                parted = raw[-1] == "."
            at += len(raw) + 1
    return tuple(found)

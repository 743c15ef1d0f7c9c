"""The words of a turn, each where it stands and with what parts it from the one before."""

from typing import NamedTuple

from handoff.domain.text import unaccented

_READ = 2_000
"""Characters of a turn that are read: whoever says more does not answer a question."""
_PART = "\n"
_PARTED = str.maketrans(dict.fromkeys(",;:!?()[]{}…¿¡", _PART))
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


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a turn with what parts them."""
    found: list[Token] = []
    at = 0
    for clause in text[:_READ].translate(_PARTED).split(_PART):
        place, parted = 0, True
        for raw in clause.split():
            place = clause.index(raw, place)
            word = raw.strip(_AROUND)
            if word:
                plain = word.lower()
                if not plain.isalnum() or not plain.isascii():
                    plain = unaccented(plain.replace("'", "").replace("’", ""))
                inside = raw.index(word) if raw is not word else 0
                found.append(Token(word, plain, at + place + inside, parted))
            parted = raw[-1] == "."
            place += len(raw)
        at += len(clause) + 1
    return tuple(found)

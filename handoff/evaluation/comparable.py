"""Whether a stretch of text holds a value: loose about spelling, strict about what is meant.

Case, accents, punctuation, spacing, number words, the form of dates and of clock times do not
count. This is what "the card has it" means in every figure about cards.
"""

import unicodedata
from functools import cached_property, lru_cache
from typing import Final

import re2

from handoff.domain.extracts import words as split_words
from handoff.evaluation.moments import MONTHS, Date, dates, same_date, times

UNITS: Final = dict(
    zip(
        (
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
            "eighteen", "nineteen",
        ),
        range(20),
        strict=True,
    )
)  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
ORDINALS: Final = dict(
    zip(
        (
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
            "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
            "seventeenth", "eighteenth", "nineteenth", "twentieth", "thirtieth",
        ),
        (*range(1, 21), 30),
        strict=True,
    )
)  # fmt: skip
YES: Final = frozenset({"true", "yes", "y"})
NO: Final = frozenset({"false", "no", "n"})
_DAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_FILLER: Final = _DAYS | {"of", "the", "on", "at", "in", "for", "to", "and", "this", "next"}
_CLOCK: Final = frozenset(
    {
        "am", "pm", "a", "p", "m", "o", "clock", "oclock", "half", "quarter", "past", "morning",
        "afternoon", "evening", "night",
    }
)  # fmt: skip
_EMPTY: Final = frozenset({"has", "is", "of", "the", "id"})
"""Words of a name that say nothing."""
_TEN: Final = 10
_JOINABLE: Final = 4
"""Characters that a value must have to be found spaced in another way."""

_DIGITS = re2.compile(r"\d+")
_NUMBERS = re2.compile(r"\d[\d,]*(?:\.\d+)?")
_CAMEL = re2.compile(r"([a-z])([A-Z])")
_NTH = re2.compile(r"(\d+)(?:st|nd|rd|th)")
_AMOUNT = re2.compile(
    r"(?i)[^\p{L}\p{N}_]*\d[\d,]*(?:\.\d+)?[^\p{L}\p{N}_]*(?:dollars|usd|eur|gbp)?"
)


def fold(text: str) -> str:
    """Return a text without case and accents."""
    parted = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L"))
    return "".join(letter for letter in parted if not unicodedata.combining(letter)).casefold()


def tokens(text: str) -> list[str]:
    """Return the words of a text; number words are digits, `5th` is 5, `7.0` is 7 and 0."""
    raw, found, place = split_words(fold(text)), [], 0
    while place < len(raw):
        word = raw[place]
        if word in TENS:
            number = TENS[word]
            following = raw[place + 1] if place + 1 < len(raw) else ""
            if 0 < _below_ten(following) < _TEN:
                place += 1
                number += _below_ten(following)
            found.append(str(number))
        else:
            found.append(_in_digits(word))
        place += 1
    return found


def _below_ten(word: str) -> int:
    return UNITS.get(word) or ORDINALS.get(word, 0)


def _in_digits(word: str) -> str:
    number = UNITS.get(word, ORDINALS.get(word))
    if number is not None:
        return str(number)
    nth = _NTH.fullmatch(word)
    return str(nth[1]) if nth else word


def numbers(text: str) -> frozenset[float]:
    """Return the numbers that a text has in digits."""
    return frozenset(float(number.replace(",", "")) for number in _NUMBERS.findall(text))


class Seen:
    """What a stretch of text holds, in forms that can be compared."""

    def __init__(self, text: str) -> None:
        """Read the text."""
        self.text = text
        self.tokens = tokens(text)
        self.flow = f" {' '.join(self.tokens)} "
        self.bag = frozenset(self.tokens)
        self.compact = "".join(self.tokens)

    @cached_property
    def dates(self) -> frozenset[Date]:
        """Return the dates in it."""
        return dates(fold(self.text), self.tokens)

    @cached_property
    def times(self) -> frozenset[int]:
        """Return the clock times in it."""
        return times(fold(self.text), self.tokens)

    @cached_property
    def numbers(self) -> frozenset[float]:
        """Return the numbers in it, in digits and in words."""
        digits = frozenset(_DIGITS.findall(self.text))
        spoken = (float(one) for one in self.tokens if one.isdigit() and one not in digits)
        return numbers(self.text) | frozenset(spoken)

    @cached_property
    def _cuts(self) -> frozenset[int]:
        cuts, end = {0}, 0
        for token in self.tokens:
            end += len(token)
            cuts.add(end)
        return frozenset(cuts)

    def joined(self, other: str) -> bool:
        """Tell whether it has these characters, spaced or not, from a word's start to an end."""
        at = self.compact.find(other)
        while at >= 0:
            if at in self._cuts and at + len(other) in self._cuts:
                return True
            at = self.compact.find(other, at + 1)
        return False

    def holds(self, value: object) -> bool:
        """Tell whether it holds a value; False for one without a letter or digit."""
        wanted = seen(str(value))
        if not wanted.tokens:
            return False
        if wanted.flow in self.flow:
            return True
        if len(wanted.compact) >= _JOINABLE and self.joined(wanted.compact):
            return True
        return self._has_moment(wanted) or self._has_number(wanted)

    def _has_moment(self, wanted: "Seen") -> bool:
        """Tell whether it has the date or time that is wanted, and what stands beside it."""
        rest = {one for one in wanted.tokens if not one.isdigit() and one not in MONTHS} - _FILLER
        if rest <= self.bag and any(
            same_date(one, other) for one in wanted.dates for other in self.dates
        ):
            return True
        return rest - _CLOCK <= self.bag and bool(wanted.times & self.times)

    def _has_number(self, wanted: "Seen") -> bool:
        if not _AMOUNT.fullmatch(wanted.text.strip()):
            return False
        return bool(numbers(wanted.text) & self.numbers)


@lru_cache(maxsize=20_000)
def seen(text: str) -> Seen:
    """Return what a text holds; texts are asked about many times."""
    return Seen(text)


@lru_cache(maxsize=20_000)
def name_tokens(name: str) -> frozenset[str]:
    """Return the words of a field's name that say something, `firstName` being two."""
    return frozenset(tokens(_CAMEL.sub(r"\1 \2", name))) - _EMPTY

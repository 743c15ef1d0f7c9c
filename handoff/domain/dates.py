"""Dates as people and recognisers write them: names of months per language, and their readings."""

from typing import NamedTuple

from handoff.domain.extracts import words
from handoff.domain.text import unaccented

MONTHS: tuple[tuple[str, ...], ...] = (
    ("january", "jan", "januar", "jänner", "enero", "janvier", "gennaio", "janeiro", "januari",
     "stycznia", "styczeń"),
    ("february", "feb", "februar", "febrero", "février", "febbraio", "fevereiro", "februari",
     "lutego", "luty"),
    ("march", "mar", "märz", "marzo", "mars", "março", "maart", "marca", "marzec"),
    ("april", "apr", "abril", "avril", "aprile", "kwietnia", "kwiecień"),
    ("may", "mai", "mayo", "maggio", "maio", "mei", "maja", "maj"),
    ("june", "jun", "juni", "junio", "juin", "giugno", "junho", "czerwca", "czerwiec"),
    ("july", "jul", "juli", "julio", "juillet", "luglio", "julho", "lipca", "lipiec"),
    ("august", "aug", "agosto", "août", "augustus", "sierpnia", "sierpień"),
    ("september", "sep", "sept", "septiembre", "septembre", "settembre", "setembro",
     "września", "wrzesień"),
    ("october", "oct", "oktober", "octubre", "octobre", "ottobre", "outubro", "października",
     "październik"),
    ("november", "nov", "noviembre", "novembre", "novembro", "listopada", "listopad"),
    ("december", "dec", "dezember", "diciembre", "décembre", "dicembre", "dezembro", "grudnia",
     "grudzień"),
)  # fmt: skip
"""Names of the months, January first, in every language that is read."""

_MONTH = {unaccented(name): number for number, names in enumerate(MONTHS, 1) for name in names}
_BESIDE = frozenset(
    {
        "the", "of", "on", "de", "del", "den", "der", "am", "le", "roku", "rok", "r",
        "st", "nd", "rd", "th",
    }
)  # fmt: skip
"""Words that may stand in a date and say nothing."""
_ENDINGS = ("st", "nd", "rd", "th", "er", "go")
_LEAP_YEAR = 2000
_CENTURIES = ("19", "20")
_ORDINAL = 4
"""Length of the longest day with its ending: `21st`."""

_Read = tuple[str, int | str, str]
"""Year, month and day as read."""


class Day(NamedTuple):
    """A day of any year."""

    month: int
    day: int


class Date(NamedTuple):
    """A day with its year, as one reading of what was said."""

    year: int
    month: int
    day: int

    @property
    def day_of_year(self) -> Day:
        """Return the day without its year."""
        return Day(self.month, self.day)


def readings(text: str) -> frozenset[Date]:
    """Return every reading of the only date in a text: year, month and day, nothing left over.

    Without a month's name day and month may stand in either order; empty where it is no whole date.
    """
    parts = [_plain(part) for part in words(text)]
    parts = [part for part in parts if part not in _BESIDE]
    months = [part for part in parts if part in _MONTH]
    numbers = _with_year([part for part in parts if part.isdecimal()])
    if len(months) > 1 or any(part not in _MONTH and not part.isdecimal() for part in parts):
        return frozenset()
    read = _named(numbers, _MONTH[months[0]]) if months else _numeric(numbers)
    return frozenset(date for date in map(_valid, read) if date is not None)


def days(text: str) -> frozenset[Day]:
    """Return every reading of the only day in a text, whether or not its year was said."""
    if whole := readings(text):
        return frozenset(date.day_of_year for date in whole)
    return frozenset(date.day_of_year for date in readings(f"{text} {_LEAP_YEAR}"))


def names_month(text: str) -> bool:
    """Tell whether a text has the name of a month, so that its day cannot be mistaken for one."""
    return any(_plain(part) in _MONTH for part in words(text))


def _plain(part: str) -> str:
    """Return a word without accents, a day without its ending."""
    if len(part) <= _ORDINAL and part[:1].isdecimal():
        for ending in _ENDINGS:
            if part.endswith(ending):
                return part[: -len(ending)]
    return part if part.isascii() else unaccented(part)


def _with_year(numbers: list[str]) -> list[str]:
    """Return the numbers with a year said in two halves put together: `19 82`."""
    if len(numbers) > 2 and numbers[-2] in _CENTURIES and len(numbers[-1]) == 2:
        return [*numbers[:-2], numbers[-2] + numbers[-1]]
    return numbers


def _named(numbers: list[str], month: int) -> list[_Read]:
    if len(numbers) != 2:
        return []
    first, second = numbers
    return [(first, month, second) if len(first) == 4 else (second, month, first)]


def _numeric(numbers: list[str]) -> list[_Read]:
    match [len(number) for number in numbers]:
        case [4, _, _]:
            year, month, day = numbers
            return [(year, month, day)]
        case [_, _, 4]:
            day, month, year = numbers
        case [4, 4]:
            (day, month), year = (numbers[0][:2], numbers[0][2:]), numbers[1]
        case [8]:
            day, month, year = numbers[0][:2], numbers[0][2:4], numbers[0][4:]
        case _:
            return []
    return [(year, month, day), (year, day, month)]


def _valid(read: _Read) -> Date | None:
    year, month, day = (int(part) for part in read)
    if len(read[0]) != 4 or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    return Date(year, month, day)

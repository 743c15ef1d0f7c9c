"""Dates and clock times in a text, however they are written, so that two of them can be compared.

A reading too many does no harm: `3/4` is the third of April and the fourth of March.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import re2

Date = tuple[int | None, int, int]
"""Year (None where it is not said), month, day."""

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan stycznia styczen",
            "february feb lutego luty",
            "march mar marca marzec",
            "april apr kwietnia kwiecien",
            "may maja maj",
            "june jun czerwca czerwiec",
            "july jul lipca lipiec",
            "august aug sierpnia sierpien",
            "september sep sept wrzesnia wrzesien",
            "october oct pazdziernika pazdziernik",
            "november nov listopada listopad",
            "december dec grudnia grudzien",
        ),
        1,
    )
    for name in names.split()
}
_NEAR: Final = range(2010, 2036)
"""Years that people leave out; a year of birth must have been said."""
_HOURS: Final = 24
_MINUTES: Final = 60
_HALF: Final = 12
_FULL_YEAR: Final = 4
_DDMMYYYY: Final = 8
_TWO: Final = 2
"""Digits of a year as people say it: 66, or nineteen and fifty-nine."""

_YEAR_FIRST = re2.compile(r"\b(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})\b")
_YEAR_LAST = re2.compile(r"\b(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4}|\d{2})\b")
_NO_YEAR = re2.compile(r"\b(\d{1,2})/(\d{1,2})\b")
_DIGITS = re2.compile(r"\d+")
_CLOCK = re2.compile(r"\b(\d{1,2})[:.](\d{2})(?::\d{2})?\s*([ap])?\.?(?:m\b)?")
_HOUR = re2.compile(r"(?:^|[^:.\d])(\d{1,2})\s*(?:o'?clock\s*)?([ap])\.?m\b")
_PAST = re2.compile(r"\b(half past|quarter past|quarter to) (\d{1,2})\b")
_IN_THE = re2.compile(r"\b(\d{1,2}) (?:o clock )?in the (?:morning|afternoon|evening)\b")
_O_CLOCK = re2.compile(r"\b(\d{1,2}) o clock\b")
_FRACTIONS: Final = {"half past": 30, "quarter past": 15, "quarter to": -15}
_MORNING: Final = frozenset({"morning"})
_LATER: Final = frozenset({"afternoon", "evening", "night"})


def dates(folded: str, tokens: Sequence[str]) -> frozenset[Date]:
    """Return every reading of every date in a folded text, whose `tokens` have digits only."""
    readings = (*_in_digits(folded), *_with_month(tokens))
    return frozenset(
        (y, m, d) for y, m, d in readings if 1 <= m <= _HALF and 1 <= d <= 31
    )  # of a month


def same_date(one: Date, other: Date) -> bool:
    """Tell whether two are the same day; a year that is near may be missing from one of them."""
    if one[1:] != other[1:]:
        return False
    missing = one[0] is None or other[0] is None
    near = all(year is None or year in _NEAR for year in (one[0], other[0]))
    return one[0] == other[0] or (missing and near)


def _in_digits(text: str) -> Iterator[Date]:
    for y, m, d in _YEAR_FIRST.findall(text):
        yield int(y), int(m), int(d)
    for first, second, year in _YEAR_LAST.findall(text):
        for full in _years(year):
            yield full, int(first), int(second)
            yield full, int(second), int(first)
    for run in _DIGITS.findall(text):
        if len(run) == _DDMMYYYY:
            yield int(run[4:]), int(run[2:4]), int(run[:2])
            yield int(run[4:]), int(run[:2]), int(run[2:4])
            yield int(run[:4]), int(run[4:6]), int(run[6:])
    for first, second in _NO_YEAR.findall(text):
        yield None, int(first), int(second)
        yield None, int(second), int(first)


def _years(written: str) -> tuple[int, ...]:
    year = int(written)
    return (year,) if len(written) == _FULL_YEAR else (1900 + year, 2000 + year)


def _with_month(tokens: Sequence[str]) -> Iterator[Date]:
    """Yield the dates whose month is a word, the day beside it and the year close behind."""
    told = [token for token in tokens if token not in ("of", "the")]
    for place, token in enumerate(told):
        month = MONTHS.get(token)
        if month is None:
            continue
        if place + 1 < len(told) and told[place + 1].isdigit():
            yield from _dated(int(told[place + 1]), month, told[place + 2 : place + 5])
        if place and told[place - 1].isdigit():
            yield from _dated(int(told[place - 1]), month, told[place + 1 : place + 4])


def _dated(day: int, month: int, rest: Sequence[str]) -> Iterator[Date]:
    years = [token for token in rest if token.isdigit()]
    first = years[0] if years else ""
    if len(first) == _FULL_YEAR:
        yield int(first), month, day
    elif (
        len(years) > 1 and first in ("18", "19", "20") and len(years[1]) == 2
    ):  # nineteen, fifty-nine
        yield int(first + years[1]), month, day
    else:
        if len(first) == _TWO:
            yield from ((year, month, day) for year in _years(first))
        yield None, month, day


def times(folded: str, tokens: Sequence[str]) -> frozenset[int]:
    """Return the minutes of the day of every clock time; both halves where none is said."""
    flow, said = " ".join(tokens), frozenset(tokens)
    half = "a" if said & _MORNING else "p" if said & _LATER else ""
    found = [(int(h), int(m), which) for h, m, which in _CLOCK.findall(folded)]
    found += [(int(h), 0, which) for h, which in _HOUR.findall(folded)]
    for how, hour in _PAST.findall(flow):
        minutes = int(hour) * _MINUTES + _FRACTIONS[how]
        found.append((minutes // _MINUTES, minutes % _MINUTES, half))
    found += [(int(hour), 0, half) for hour in _IN_THE.findall(flow)]
    found += [(int(hour), 0, half) for hour in _O_CLOCK.findall(flow)]
    return frozenset(minute for one in found for minute in _minutes(*one))


def _minutes(hour: int, minute: int, half: str) -> Iterator[int]:
    if hour > _HOURS or minute >= _MINUTES:
        return
    if half == "p" and hour < _HALF:
        hour += _HALF
    elif half == "a" and hour == _HALF:
        hour = 0
    yield hour % _HOURS * _MINUTES + minute
    if not half and hour <= _HALF:
        yield (hour + _HALF) % _HOURS * _MINUTES + minute

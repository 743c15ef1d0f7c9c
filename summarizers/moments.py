"""Dates, days of the week and clock times in a text, as sets of what each may mean."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import re2

from summarizers.atoms import Atom
from summarizers.lexicon import Numerals, numerals

NOON = 720
DAY = 1_440
_SPOKEN_YEAR = (1_900, 2_100)
_NUMERIC = re2.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b")
_PARTED = re2.compile(r"\b(\d{1,2})([-/.])(\d{1,2})([-/.])(\d{4}|\d{2})\b")
_SHORT = re2.compile(r"(?:^|[^\d/.])(\d{1,2})/(\d{1,2})(?:$|[^\d/])")
_CLOCK = re2.compile(r"\b(\d{1,2})[:h](\d{2})(?::\d{2}(?:\.\d+)?)?(?:\s?([ap])\.?\s?m\b)?")
_HOUR = re2.compile(r"\b(\d{1,2})(?:[. ](\d{2}))?\s?([ap])\.?\s?m\b")
_OCLOCK = re2.compile(r"\b(\d{1,2})\s?(?:oclock|uhr|heures)\b(?:\s(\d{2})\b)?")
_OF = ("of", "de", "the")
_JOINTS = ("the", "to", "and", "or", "through", "bis", "und", "a", "al", "y", "au", "et")
_NAMED = {"noon": NOON, "midday": NOON, "mittag": NOON, "mediodia": NOON, "midi": NOON}
_NAMED |= {"midnight": 0, "mitternacht": 0, "medianoche": 0, "minuit": 0}


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it was said; 5/6 may be two of them."""

    month: int
    day: int
    year: int | None = None

    def fits(self, other: "Day") -> bool:
        """Tell whether this date says nothing that the other does not."""
        same = (self.month, self.day) == (other.month, other.day)
        return same and (self.year is None or self.year == other.year)


@dataclass(frozen=True, slots=True)
class Mention:
    """A date or a time in a text: what it may mean, and where it stands."""

    days: frozenset[Day]
    minutes: frozenset[int]
    """Of the day."""
    start: int
    end: int


def moments(text: str, parts: Sequence[Atom], language: str = "en") -> tuple[Mention, ...]:
    """Return the dates and times of a plain text and its atoms; some may overlap."""
    return (*_dates(text), *_named_dates(parts, numerals(language)), *_outer(_times(text, parts)))


def spoken(text: str, parts: Sequence[Atom]) -> str:
    """Return the text with numbers said in words written in digits ("three pm" as "3 pm")."""
    pieces, at = [], 0
    for part in parts:
        if part.said:
            pieces += [text[at : part.start], part.text]
            at = part.end
    return "".join((*pieces, text[at:]))


def _dates(text: str) -> Iterator[Mention]:
    for found in _NUMERIC.finditer(text):
        year, month, day = map(int, found.groups())
        yield from _dated(((month, day), (day, month)), year, found.start(), found.end())
    for found in _PARTED.finditer(text):
        one, joint, other, second_joint, year = found.groups()
        if joint == second_joint:
            pairs = ((int(one), int(other)), (int(other), int(one)))
            yield from _dated(pairs, _full(int(year)), found.start(), found.end())
    for found in _SHORT.finditer(text):
        one, other = map(int, found.groups())
        yield from _dated(((one, other), (other, one)), None, found.start(1), found.end(2))


def _dated(
    pairs: Sequence[tuple[int, int]], year: int | None, start: int, end: int
) -> Iterator[Mention]:
    days = frozenset(Day(m, d, year) for m, d in pairs if 1 <= m <= 12 and 1 <= d <= 31)
    if days:
        yield Mention(days, frozenset(), start, end)


def _full(year: int) -> int:
    return year if year >= 100 else 2_000 + year if year < 70 else 1_900 + year


def _named_dates(parts: Sequence[Atom], tables: Numerals) -> Iterator[Mention]:
    """Yield `5 May 2024`, `May 5th`, `the fifth of May`, `May 5 to 7`, `5. Mai`."""
    for at, part in enumerate(parts):
        month = tables.months.get(part.text)
        if month is None:
            continue
        before = [index for index in (at - 1, at - 2) if _is_day_before(parts, index, at, tables)]
        after = [index for index in (at + 1, at + 2, at + 3) if _is_day(parts, index, at, tables)]
        last = max(after, default=at)
        year = _year(parts[last + 1 : last + 3])
        for index in (*before[:1], *after):
            places = (part, parts[index]) if index > at else (parts[index], part)
            end = places[1].end if year is None or index != last else parts[last + 1].end
            day = Day(month, _day(parts[index], tables), year)
            yield Mention(frozenset({day}), frozenset(), places[0].start, end)


def _is_day_before(parts: Sequence[Atom], index: int, month: int, tables: Numerals) -> bool:
    """Tell whether an atom before a month is a day of it: `5 May`, `fifth of May`."""
    joined = index == month - 1 or parts[month - 1].text in _OF
    return index >= 0 and joined and bool(_day(parts[index], tables))


def _is_day(parts: Sequence[Atom], index: int, month: int, tables: Numerals) -> bool:
    """Tell whether an atom after a month is a day of it: the next one, or joined to that."""
    if index >= len(parts) or not _day(parts[index], tables):
        return False
    between = parts[month + 1 : index]
    days = sum(1 for one in between if _day(one, tables))
    return days <= 1 and all(_day(one, tables) or one.text in _JOINTS for one in between)


def _day(part: Atom, tables: Numerals) -> int:
    """Return the day of a month that an atom may be, else 0."""
    day = tables.ordinals.get(part.text, 0) or (int(part.text) if _is_short(part.text) else 0)
    return day if 1 <= day <= 31 else 0


def _is_short(text: str) -> bool:
    return text.isdecimal() and len(text) <= 2


def _year(parts: Sequence[Atom]) -> int | None:
    for part in parts[:1]:
        low, high = _SPOKEN_YEAR
        if part.text.isdecimal() and low <= int(part.text) < high:
            return int(part.text)
    return None


def _outer(times: Iterable[Mention]) -> Iterator[Mention]:
    """Yield the times; one that begins inside another (`00 am` in `7:00 am`) is none."""
    end = -1
    for one in sorted(times, key=lambda mention: (mention.start, -mention.end)):
        if one.start >= end:
            end = one.end
            yield one


def _times(text: str, parts: Sequence[Atom]) -> Iterator[Mention]:
    for found in _CLOCK.finditer(text):
        hour, minute, half = found.groups()
        yield from _timed(hour, minute, half, found.start(), found.end())
    for found in _HOUR.finditer(text):
        hour, minute, half = found.groups()
        yield from _timed(hour, minute, half, found.start(), found.end())
    for found in _OCLOCK.finditer(text):
        yield from _timed(found.group(1), found.group(2), None, found.start(), found.end())
    for part in parts:
        if (minute := _NAMED.get(part.text)) is not None:
            yield Mention(frozenset(), frozenset({minute}), part.start, part.end)


def _timed(
    hour: str, minute: str | None, half: str | None, start: int, end: int
) -> Iterator[Mention]:
    minutes = int(hour) * 60 + int(minute or 0)
    if half:
        meant = {minutes % NOON + (NOON if half == "p" else 0)}
    elif hour.startswith("0") or int(hour) > 12:
        meant = {minutes}
    else:
        meant = {minutes % NOON, minutes % NOON + NOON}
    if all(one < DAY for one in meant) and int(minute or 0) < 60:
        yield Mention(frozenset(), frozenset(meant), start, end)

"""Where numbers stand that words beside them call secret: PINs, one-time codes, personal ids."""

from collections.abc import Iterator

import re2

from handoff.domain.digits import REST, Reading
from handoff.domain.secret_words import INNOCENT, NAMED, SIZES, Secret

_ANY = re2.compile("|".join(pattern for patterns in NAMED.values() for pattern in patterns))
_EACH = {kind: re2.compile("|".join(patterns)) for kind, patterns in NAMED.items()}
_INNOCENT = re2.compile(INNOCENT)
_NUMBER = re2.compile(rb"[0-9]\x7f*(?: {0,8}[0-9]\x7f*)*")
_GROUP = re2.compile(rb"[0-9][0-9\x7f]*")
_AFTER = 56
"""Characters after the words in which their number begins."""
_BEFORE = 20
_UNITS = ("%", "usd", "eur", "gbp", "dollar", "euro", "pound", "buck", "cent", "libra")
_SIGNS = ("$", "€", "£", "¥", "₹")
_POSTCODE = re2.compile(r"^ ?codes? ")

Places = dict[tuple[int, int], Secret]


def labelled(text: str, reading: Reading) -> Places:
    """Return (start, end) of each number that is named as a secret, and what it is."""
    if _ANY.search(reading.text) is None:
        return {}
    places: Places = {}
    for kind, pattern in _EACH.items():
        for match in pattern.finditer(reading.text):
            if reading.text.endswith("[", 0, match.start()):  # a mask of ours, not a name
                continue
            place = _following(text, reading, kind, match.end()) or _preceding(
                text, reading, kind, match.start()
            )
            if place is not None:
                places.setdefault(place, kind)
    return places


def _following(text: str, reading: Reading, kind: Secret, end: int) -> tuple[int, int] | None:
    """Return the first fitting number after the words, if nothing between says it is another."""
    reach = end + _AFTER
    least, most = SIZES[kind].start, SIZES[kind].stop - 1
    if kind is Secret.PIN and _POSTCODE.match(reading.text[end : end + 8]):
        most = least
    for start, stop in _numbers(reading, end, reach, least, most):
        between = reading.text[end:start]
        if "]" in between or _INNOCENT.search(between) is not None:  # "]": it is masked already
            return None
        if not _amount(text, reading, start, stop):
            return start, stop
    return None


def _preceding(text: str, reading: Reading, kind: Secret, start: int) -> tuple[int, int] | None:
    """Return the number right before the words ("482913 is the code you sent me")."""
    begin = max(0, start - _BEFORE - 3 * SIZES[kind].stop)
    least, most = SIZES[kind].start, SIZES[kind].stop - 1
    for begins, ends in _numbers(reading, begin, start, least, most):
        between = reading.text[ends:start]
        if len(between) > _BEFORE or not _says_is(between):
            continue
        if _INNOCENT.search(reading.text[max(0, begins - 24) : begins]) is None:
            return None if _amount(text, reading, begins, ends) else (begins, ends)
    return None


def _says_is(between: str) -> bool:
    """Tell whether the words between number and name say that one is the other."""
    words = between.split()
    return bool({"is", "ist", "es", "est", "e", "was", "war", "="} & {*words}) and len(words) <= 4


def free_numbers(text: str, reading: Reading) -> list[tuple[int, int, str]]:
    """Return start, end and digits of each number that is no part of a word and no amount."""
    places = [match.span() for match in _NUMBER.finditer(reading.marks)]
    return [
        (start, end, reading.marks[start:end].translate(None, b" " + REST).decode())
        for start, end in places
        if _alone(reading, start, end) and not _amount(text, reading, start, end)
    ]


def _numbers(
    reading: Reading, begin: int, reach: int, least: int, most: int
) -> Iterator[tuple[int, int]]:
    """Yield what begins between `begin` and `reach` and has a fitting count of digits.

    A number in parts is one; where it has too many digits, its parts are looked at on their own.
    """
    marks = reading.marks
    for match in _NUMBER.finditer(marks[begin : reach + 3 * most]):
        start, end = begin + match.start(), begin + match.end()
        if start >= reach:
            return
        count = len(match.group().translate(None, b" " + REST))
        if least <= count <= most:
            if _alone(reading, start, end):
                yield start, end
        elif count > most:
            for part in _GROUP.finditer(match.group()):
                size = len(part.group().replace(REST, b""))
                if least <= size <= most:
                    yield start + part.start(), start + part.end()


def _alone(reading: Reading, start: int, end: int) -> bool:
    """Tell whether the digits are no part of a longer word ("gate12b", "credit_card_44")."""
    before, after = reading.text[max(0, start - 1) : start], reading.text[end : end + 1]
    return not (before.isalnum() or before == "_" or after.isalnum() or after == "_")


def _amount(text: str, reading: Reading, start: int, end: int) -> bool:
    """Tell whether the number is an amount of money or has a fraction."""
    if text[max(0, start - 2) : start].rstrip().endswith(_SIGNS):
        return True
    after = reading.text[end : end + 8]
    fraction = after[:1] in (".", ",") and after[1:2].isdigit()
    return fraction or after.removeprefix(" ").startswith(_UNITS)

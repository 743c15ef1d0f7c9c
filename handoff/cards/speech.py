"""Values made speakable: digits in groups, letters one by one, dates and amounts in words.

Whatever speaks it reads plain words and short numbers; markup, links and signs are left out.
"""

import unicodedata
from collections.abc import Iterator
from itertools import groupby, pairwise

import re2

from handoff.cards.wording import Speech
from handoff.templating import one_line

WORDS_A_MINUTE = 160
_DATE = re2.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:T.*)?$")
_CLOCK = re2.compile(r"^\d{1,2}:\d{2}$")
_AMOUNT = re2.compile(r"^([$€£¥])?(\d{1,3}(?:[.,]\d{3})+|\d{1,7})(?:[.,](\d{1,2}))?([$€£¥])?$")
_PLAIN = 4
"""Digits of a number that is read as one; longer ones are read digit by digit."""
_SPELT = 4
"""Letters in a row from which a part of an identifier may be a word."""
_ENDS = ".,;:!?"
_KEPT = frozenset("'’-.,:;!?")


def speakable(text: str, speech: Speech) -> str:
    """Return a text as it is to be read out, in the words of a language."""
    words = one_line(text).split()
    said: list[str] = []
    paid = False
    for word, after in pairwise((*words, "")):
        body = word.rstrip(_ENDS)
        if paid:
            paid = False
            continue
        if amount := _amount(body, speech, speech.money.get(after.rstrip(_ENDS), "")):
            paid = after.rstrip(_ENDS) in speech.money
        said.append((amount or _said(body, speech)) + word[len(body) :][:1])
    return " ".join(part for part in said if part.strip(_ENDS))


def spelled(value: str, speech: Speech) -> str:
    """Return a value to be written down: codes character by character, anything else as it is."""
    compact = "".join(one_line(value).split())
    code = not any(map(str.islower, compact)) and any(map(str.isdigit, compact))
    if not code or _date(compact, speech) or _amount(compact, speech):
        return speakable(value, speech)
    return ", ".join(part for word in one_line(value).split() for part in _spelt(word))


def spoken_words(text: str) -> int:
    """Return how many words a voice says: each digit counts as one."""
    return sum(max(sum(map(str.isdigit, word)), 1) for word in text.split())


def seconds(text: str) -> float:
    """Return how long it takes to say."""
    return spoken_words(text) * 60 / WORDS_A_MINUTE


def _said(word: str, speech: Speech) -> str:
    if not any(map(str.isdigit, word)):
        kept = "".join(char if _may_stay(char) else " " for char in word)
        return " ".join(part.strip(_ENDS) for part in kept.split())
    if _CLOCK.search(word):
        return word
    return _date(word, speech) or ", ".join(_spelt(word))


def _may_stay(char: str) -> bool:
    return char.isalpha() or char in _KEPT or unicodedata.category(char).startswith("M")


def _date(word: str, speech: Speech) -> str:
    found = _DATE.search(word)
    if not found:
        return ""
    year, month, day = (int(found.group(number)) for number in (1, 2, 3))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    return speech.date.format(day=day, month=speech.months[month - 1], year=year)


def _amount(word: str, speech: Speech, money: str = "") -> str:
    """Return a number in words, with its currency where that stands in it or is told."""
    found = _AMOUNT.search(word)
    if not found:
        return ""
    before, whole, part, after = (found.group(number) for number in (1, 2, 3, 4))
    money = speech.money.get(before or after or "", money)
    whole = whole.replace(",", "").replace(".", "").lstrip("0") or "0"
    if not money and (len(whole) > _PLAIN or word.startswith("0")):
        return ""
    if not money:
        return f"{whole} {speech.point} {' '.join(part)}" if part else whole
    cents = (part or "").ljust(2, "0").lstrip("0") if part else ""
    return " ".join(filter(None, (whole, money, cents)))


def _spelt(word: str) -> Iterator[str]:
    """Yield the parts of an identifier: digits in groups, letters one by one, words as they are."""
    for kind, run in groupby(word, key=_kind):
        part = "".join(run)
        if kind == "digits":
            yield from (" ".join(group) for group in _groups(part))
        elif kind == "letters":
            yield part if part.islower() and len(part) >= _SPELT else " ".join(part.upper())


def _kind(char: str) -> str:
    if char.isdigit():
        return "digits"
    return "letters" if char.isalpha() else "between"


def _groups(digits: str) -> Iterator[str]:
    """Yield digits by threes; no digit is left alone at the end."""
    at = 0
    while at < len(digits):
        left = len(digits) - at
        step = 2 if left in (2, 4) else 3
        yield digits[at : at + step]
        at += step

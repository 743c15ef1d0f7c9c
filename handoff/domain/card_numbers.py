"""Where payment card numbers stand in a text, however they are written or spoken.

A card number here is 13 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B) and have
an issuer's prefix and length. The digits may be of any script or English words ("four one one
one", "double five", "forty-two"), with anything between them but letters and the
signs of arithmetic or money.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import re2

_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = (
    {"o": "0", "oh": "0"}
    | {word: str(value) for value, word in enumerate(_ONES)}
    | {word: str(value) for value, word in enumerate(_TEENS, 10)}
    | {word: str(10 * value) for value, word in enumerate(_TENS, 2)}
)
_TIMES = {"double": 2, "triple": 3}
_FILLERS = ("um", "uh", "er", "and", "then", "dash", "hyphen", "space")

_DIGIT = r"[\p{Nd}⁰¹²³⁴-⁹₀-₉①-⑨〇零一二三四五六七八九]"
_NUMBER_WORD = rf"\b(?:{'|'.join((*_WORDS, *_TIMES))})\b"
_UNIT = f"(?:{_DIGIT}|{_NUMBER_WORD})"
_BETWEEN = rf"(?:[^\p{{L}}\p{{N}}\p{{Sc}}+=%<>]|\b(?:{'|'.join(_FILLERS)})\b)*"
_RUN = re2.compile(f"(?i){_UNIT}(?:{_BETWEEN}{_UNIT})*")
_PART = re2.compile(
    rf"(?i)(?:{'|'.join(_TIMES)})[ -]+(?:(?:{'|'.join(_WORDS)})\b|{_DIGIT})"
    rf"|(?:{'|'.join(_TENS)})[ -]+(?:{'|'.join(_ONES[1:])})\b|{_DIGIT}+|[a-z]+"
)
_SUSPECT = re2.compile(rf"(?i){_DIGIT}|{_NUMBER_WORD}[ ,-]+{_NUMBER_WORD}")

_MAESTRO = (16, 19, 18, 17, 15, 14, 13)
_LONG = (16, 19, 18, 17)
_ISSUERS: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (2200, 2204, _LONG),  # Mir
    (2221, 2720, (16,)),  # Mastercard
    (3000, 3059, (14, 16)),  # Diners Club
    (3095, 3095, (14, 16)),
    (3400, 3499, (15,)),  # American Express
    (3528, 3589, _LONG),  # JCB
    (3600, 3699, (14, 16)),  # Diners Club
    (3700, 3799, (15,)),  # American Express
    (3800, 3999, (14, 16)),  # Diners Club
    (4000, 4999, (16, 13, 19)),  # Visa, Electron, Elo
    (5000, 5099, _MAESTRO),  # Maestro, Verve, Elo, RuPay, Dankort
    (5100, 5599, (16,)),  # Mastercard
    (5600, 5899, _MAESTRO),
    (6000, 6299, _LONG),  # Discover, RuPay, Hipercard, UnionPay
    (6300, 6399, _MAESTRO),
    (6400, 6699, _LONG),  # Discover, RuPay, Troy
    (6700, 6799, _MAESTRO),
    (6800, 6999, _LONG),
    (8100, 8299, _LONG),  # UnionPay, RuPay
    (9792, 9792, (16,)),  # Troy
)
"""Ranges of the first four digits with the lengths issued there, the usual length first."""

_DOUBLED = str.maketrans("0123456789", "0246813579")
_SLACK = 8
"""Digits that may stand beside a number without proof of its shape: expiry (4) and code (4)."""
_RUN_ON = 19
"""A group this long may be a number with its code typed on to it (a keypad has no space)."""
_E164 = 15
"""No telephone number after a plus sign is longer."""


@dataclass(frozen=True, slots=True)
class Digits:
    """A stretch of a text that reads as digits."""

    start: int
    end: int
    digits: str


def suspicious(text: str) -> bool:
    """Return whether `text` has any digits, so that a closer look is worth its time."""
    return _SUSPECT.search(text) is not None


def runs(text: str, least: int = 1) -> Iterator[tuple[Digits, ...]]:
    """Yield each run of digit groups that no letters interrupt, `least` characters or longer."""
    for match in _RUN.finditer(text):
        run = match.group()
        if len(run) >= least and (groups := tuple(_groups(run, match.start()))):
            yield groups


def card_numbers(text: str) -> list[Digits]:
    """Return the card numbers in `text`, left to right, none overlapping another.

    Where digits stand before or after a number without a break, the stretch covers every reading
    that could be one; `digits` are those of the first.
    """
    found: list[Digits] = []
    for run in runs(text, least=13):
        for number in _in_run(run, dialled=text.endswith("+", 0, run[0].start)):
            if found and number.start < found[-1].end:
                first = found.pop()
                found.append(Digits(first.start, max(first.end, number.end), first.digits))
            else:
                found.append(number)
    return found


def replaced(text: str, by: Mapping[tuple[int, int], str]) -> str:
    """Return `text` with each stretch (start, end) replaced; stretches do not overlap."""
    pieces: list[str] = []
    done = 0
    for (start, end), replacement in sorted(by.items()):
        pieces += (text[done:start], replacement)
        done = end
    return "".join((*pieces, text[done:]))


def issued(digits: str) -> tuple[int, ...]:
    """Return the lengths of card numbers that begin with these digits, () if there are none."""
    prefix = int(digits[:4])
    return next((lengths for low, high, lengths in _ISSUERS if low <= prefix <= high), ())


def luhn(digits: str) -> bool:
    """Return whether the last of ASCII `digits` is the check digit of the others."""
    total = sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))
    return total % 10 == 0


def _groups(run: str, at: int) -> Iterator[Digits]:
    """Yield the digit groups of a run that stands `at`: written groups whole, each word alone."""
    for match in _PART.finditer(run):
        digits = _read(match.group())
        if digits:
            yield Digits(at + match.start(), at + match.end(), digits)


def _read(part: str) -> str:
    """Return the ASCII digits that a written group or a spoken number stands for."""
    if part.isascii() and part.isdigit():
        return part
    match part.casefold().replace("-", " ").split():
        case [times, what] if times in _TIMES:
            return _read(what) * _TIMES[times]
        case [tens, one]:
            return _WORDS[tens][0] + _WORDS[one]
        case [word] if word.isascii():
            return _WORDS.get(word, "")
        case _:
            return "".join(str(int(unicodedata.numeric(digit, 0))) for digit in part)


def _in_run(run: tuple[Digits, ...], *, dialled: bool) -> Iterator[Digits]:
    """Yield what can be read as a card number in one run; `dialled`: after a plus sign."""
    total = sum(len(group.digits) for group in run)
    for first in range(len(run)):
        number = _starting_at(run, first, total) or _run_on(run[first])
        if number and not (dialled and first == 0 and len(number.digits) <= _E164):
            yield number


def _starting_at(run: tuple[Digits, ...], first: int, total: int) -> Digits | None:
    """Return the number that starts with group `first` and ends with a group, or None."""
    sizes: list[int] = []
    groups_of: dict[int, int] = {}  # how many groups have so many digits together
    digits = ""
    for group in run[first : first + 19]:
        digits += group.digits
        sizes.append(len(group.digits))
        groups_of[len(digits)] = len(sizes)
    valid = [
        length
        for length in issued(digits)
        if length in groups_of and luhn(digits[:length])
        if total - length <= _SLACK or _card_shaped(sizes[: groups_of[length]])
    ]
    if not valid:
        return None
    end = run[first + groups_of[max(valid)] - 1].end
    return Digits(run[first].start, end, digits[: valid[0]])


def _run_on(group: Digits) -> Digits | None:
    """Return the card number that a long unbroken group begins with, or None."""
    if len(group.digits) >= _RUN_ON and group.end - group.start == len(group.digits):
        for length in issued(group.digits):
            if length in (15, 16) and luhn(group.digits[:length]):
                return Digits(group.start, group.end, group.digits[:length])
    return None


def _card_shaped(sizes: list[int]) -> bool:
    """Return whether groups of these sizes are how card numbers are printed or dictated."""
    return sizes in ([4, 6, 5], [4, 6, 4]) or (len({*sizes[:-1]}) <= 1 and sizes[-1] <= sizes[0])

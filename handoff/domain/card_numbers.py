"""Where payment card numbers stand in a text, however they are written or spoken.

A card number here is 13 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B) and have
an issuer's prefix and length. The digits may be of any script or English words ("four one one
one", "double five", "forty-two"), with anything between them but letters and the
signs of arithmetic or money; as groups of a card's shape also with markup, `+` or `x` between.
"""

from collections.abc import Iterator
from itertools import accumulate, groupby

import re2

from handoff.domain.digits import REST, Digits, Reading, undecorated

_SHORTEST = 13
_RUN = re2.compile(rb"[0-9](?:[ \x7f]*[0-9]){12,}\x7f*")
_DIGITS = b"0123456789"
_NOT_DIGITS = bytes({*range(256)} - {*_DIGITS})
_LONGEST_WORD = len("triple seventeen") * 2

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

_LENGTHS = {
    f"{prefix}": lengths for low, high, lengths in _ISSUERS for prefix in range(low, high + 1)
}
_VALUES = bytes.maketrans(_DIGITS, bytes(range(10)))
_DOUBLED = bytes.maketrans(_DIGITS, bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
_SLACK = 8
"""Digits that may stand beside a number without proof of its shape: expiry (4) and code (4)."""
_RUN_ON = 19
"""A group this long may be a number with its code typed on to it (a keypad has no space)."""
_ORDER = re2.compile(r"\b[0-9]{3}-[0-9]{7}-[0-9]{7}\b")
"""A large shop's order numbers, which are as long as a card number."""
_E164 = 15
"""No telephone number after a plus sign is longer."""


def card_numbers(reading: Reading) -> list[Digits]:
    """Return the card numbers in a text, left to right, none overlapping another.

    Where digits stand before or after a number without a break, the stretch covers every reading
    that could be one; `digits` are those of the first.
    """
    if len(reading.marks.translate(None, _NOT_DIGITS)) < _SHORTEST:
        return []
    found = [number for run in _runs(reading, _SLACK) for number in run.numbers()]
    bare = undecorated(reading)
    if bare is not reading:  # first, as digits of the decoration may have been read as its own
        found = [number for run in _runs(bare, 0) for number in run.numbers()] + found
        found.sort(key=lambda number: number.start)
    if found and "-" in reading.text:
        orders = [match.span() for match in _ORDER.finditer(reading.text)]
        found = [n for n in found if not any(s <= n.start and n.end <= e for s, e in orders)]
    return _merged(found)


def luhn(digits: str) -> bool:
    """Return whether the last of ASCII `digits` is the check digit of the others."""
    return _sums(digits.encode())[len(digits) % 2][-1] % 10 == 0


def is_card_number(digits: str) -> bool:
    """Return whether ASCII `digits` are a card number: an issuer's prefix and length, and Luhn."""
    return len(digits) in _LENGTHS.get(digits[:4], ()) and luhn(digits)


def seems_card_number(digits: str) -> bool:
    """Return whether ASCII `digits` are a card number but for one misheard or mistyped: no Luhn."""
    return len(digits) == _LENGTHS.get(digits[:4], (0,))[0]


def _merged(numbers: list[Digits]) -> list[Digits]:
    """Return `numbers` with those that overlap as one, named by the first."""
    merged: list[Digits] = []
    for number in numbers:
        if merged and number.start < merged[-1].end:
            first = merged[-1]
            if number.end > first.end:
                merged[-1] = Digits(first.start, number.end, first.digits)
        else:
            merged.append(number)
    return merged


def _runs(reading: Reading, slack: int) -> Iterator["_Run"]:
    """Yield each run of digits long enough for a card number that has an issuer's prefix."""
    for match in _RUN.finditer(reading.marks):
        start, end = match.span()
        dialled = reading.text.endswith("+", 0, start)
        run = _Run(reading.marks[start:end], start, dialled=dialled, slack=slack)
        if run.candidates:
            yield run


def _sums(digits: bytes) -> tuple[list[int], list[int]]:
    """Return the running Luhn sums with every even digit doubled, and with every odd one."""
    even = bytearray(digits.translate(_VALUES))
    odd = even[:]
    doubled = digits.translate(_DOUBLED)
    even[::2] = doubled[::2]
    odd[1::2] = doubled[1::2]
    return list(accumulate(even, initial=0)), list(accumulate(odd, initial=0))


class _Run:
    """Digit groups with no break between them."""

    def __init__(self, marks: bytes, at: int, *, dialled: bool, slack: int) -> None:
        """`slack` is how many digits may stand beside a number of any shape."""
        groups = marks.replace(REST, b"").split()
        self.marks, self.at, self.dialled, self.slack = marks, at, dialled, slack
        self.sizes = [len(group) for group in groups]
        self.starts = list(accumulate(self.sizes, initial=0))
        self.digits = b"".join(groups).decode()
        self.candidates = [
            (group, lengths)
            for group, start in enumerate(self.starts)
            if (lengths := _LENGTHS.get(self.digits[start : start + 4]))
        ]

    def numbers(self) -> Iterator[Digits]:
        """Yield what can be read as a card number, left to right, overlapping readings as one."""
        numbers: list[list[int]] = []
        for start, length, end in self._valid():
            if numbers and start < numbers[-1][2]:
                numbers[-1][2] = max(numbers[-1][2], end)
            elif not (self.dialled and start == 0 and length <= _E164):
                numbers.append([start, length, end])
        if not numbers:
            return
        places = [place for place, mark in enumerate(self.marks) if mark in _DIGITS]
        for start, length, end in numbers:
            word = self.marks[places[end - 1] : places[end - 1] + _LONGEST_WORD]
            rest = len(word) - len(word[1:].lstrip(REST))
            digits = self.digits[start : start + length]
            yield Digits(self.at + places[start], self.at + places[end - 1] + rest, digits)

    def _valid(self) -> Iterator[tuple[int, int, int]]:
        """Yield where each number starts, its likeliest length, and where its longest ends."""
        sums = _sums(self.digits.encode())
        group_at = {start: group for group, start in enumerate(self.starts)}
        alike = self._alike()
        for first, lengths in self.candidates:
            start = self.starts[first]
            fit = []
            for length in lengths:
                end = start + length
                luhn = sums[end % 2]
                if end in group_at and (luhn[end] - luhn[start]) % 10 == 0:
                    last = group_at[end] - 1
                    if self._stands_alone(length) or self._card_shaped(first, last, alike[first]):
                        fit.append(length)
            if fit:
                yield start, fit[0], start + max(fit)
            elif self.sizes[first] >= _RUN_ON:
                yield from self._run_on(start, self.sizes[first], lengths, sums)

    def _run_on(
        self, start: int, size: int, lengths: tuple[int, ...], sums: tuple[list[int], list[int]]
    ) -> Iterator[tuple[int, int, int]]:
        """Yield the number that a long unbroken group begins with, if it does."""
        for length in lengths:
            luhn = sums[(start + length) % 2]
            if length in (15, 16) and (luhn[start + length] - luhn[start]) % 10 == 0:
                yield start, length, start + size
                return

    def _stands_alone(self, length: int) -> bool:
        """Return whether there are few enough other digits in the run."""
        return len(self.digits) - length <= self.slack

    def _card_shaped(self, first: int, last: int, alike: int) -> bool:
        """Return whether these groups are how card numbers are printed or dictated."""
        sizes = self.sizes
        if last <= alike + 1 and sizes[last] <= sizes[first]:
            return True
        return last == first + 2 and sizes[first : last + 1] in ([4, 6, 5], [4, 6, 4])

    def _alike(self) -> list[int]:
        """Return for each group the last one of those after it that have its size."""
        alike: list[int] = []
        for _, same in groupby(self.sizes):
            count = len(list(same))
            alike += [len(alike) + count - 1] * count
        return alike

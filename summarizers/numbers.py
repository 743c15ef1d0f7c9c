"""Numbers said in words, put together: `two hundred and five`, `twenty-five`, `double five`."""

from collections.abc import Sequence

from summarizers.lexicon import Numerals

_TIMES = {"double": 2, "triple": 3}
_ALONE = frozenset({"cien", "mil", "hundert", "tausend", "cent", "mille"})
"""Scales that are a number by themselves; `hundred` needs one before it."""
_LONGEST = 8
_HUNDRED = 100
_TEN = 10


def said(words: Sequence[str], tables: Numerals) -> tuple[int, int]:
    """Return how many words from the first on say one number, and which; 0 where none does."""
    if repeated := _repeated(words, tables):
        return 2, repeated
    number = _Number(tables)
    length = 0
    for word, following in zip(words[:_LONGEST], (*words[1:], ""), strict=False):
        if not number.takes(word, following):
            break
        length += 1
    return length, number.total + number.current


def _repeated(words: Sequence[str], tables: Numerals) -> int:
    """Return the digits of `double five`, 0 where it is nothing of the kind."""
    times = _TIMES.get(words[0], 0)
    digit = str(tables.numbers.get(words[1], words[1])) if len(words) > 1 else ""
    return int(digit * times) if times and digit.isdecimal() and len(digit) == 1 else 0


class _Number:
    """A number while its words come in."""

    def __init__(self, tables: Numerals) -> None:
        self._tables = tables
        self.total = 0
        self.current = 0
        self._begun = False

    def takes(self, word: str, following: str) -> bool:
        """Take a word if it goes on with the number, and tell whether it does."""
        tables = self._tables
        if (value := tables.numbers.get(word)) is not None:
            taken = self._adds(value)
        elif (scale := tables.scales.get(word)) is not None:
            taken = self._multiplies(scale, word)
        else:
            hundreds = bool(self.current) and not self.current % _HUNDRED
            taken = word == "and" and hundreds and following in tables.numbers
        self._begun = self._begun or taken
        return taken

    def _adds(self, value: int) -> bool:
        tens, hundreds = self.current % _HUNDRED, bool(self.current and not self.current % _HUNDRED)
        after_tens = tens >= 2 * _TEN and not tens % _TEN and 0 < value < _TEN
        after_scale = value < _HUNDRED and (hundreds or bool(self.total and not self.current))
        if self._begun and not (after_tens or after_scale):
            return False
        self.current += value
        return True

    def _multiplies(self, scale: int, word: str) -> bool:
        if not self._begun and word not in _ALONE:
            return False
        value = max(self.current, 1) * scale
        if scale == _HUNDRED:
            self.current = value
        else:
            self.total, self.current = self.total + value, 0
        return True

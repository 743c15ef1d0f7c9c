"""Where bank accounts (IBAN) and personal ids stand that prove themselves by shape and checksum.

Those whose checksum is weak, so that order numbers would pass, need a word that names them:
`labelled` finds them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import re2
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ch import ssn as ahv
from stdnum.cn import ric
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.mx import curp
from stdnum.no import fodselsnummer
from stdnum.se import personnummer
from stdnum.us import ssn

from handoff.domain.digits import Reading
from handoff.domain.secret_words import INNOCENT, Secret

_OF_LENGTH: Mapping[int, str] = {
    15: "no",
    16: "be",
    18: "dk fi fo gl nl",
    19: "mk si",
    20: "at ba ee kz lt lu xk",
    21: "ch hr li lv",
    22: "bg bh cr de gb ge ie me rs va",
    23: "ae gi il iq tl",
    24: "ad cz es md pk ro sa se sk tn vg",
    25: "ly pt st",
    26: "is tr",
    27: "fr gr it mc mr sm",
    28: "al az by cy do gt hu lb pl sv",
    29: "br eg ps qa ua",
    30: "jo kw mu",
    31: "mt sc",
    32: "lc",
}
"""Characters of an IBAN to the countries that have them (ISO 13616)."""
_LENGTHS = {
    country: size for size, countries in _OF_LENGTH.items() for country in countries.split()
}
_IBAN = re2.compile(r"\b[a-z]{2}[0-9]{2}[^a-z0-9]{0,2}[a-z0-9]")
"""How one begins."""
_LONGEST_IBAN = 32 * 3


@dataclass(frozen=True, slots=True)
class Shape:
    """How one country's personal id is written, and what proves it."""

    pattern: str
    valid: Callable[[str], bool]
    upper: bool = False
    """Its letters count: they are given to the check in upper case."""


def _nino(number: str) -> bool:
    """Tell whether it may be a British National Insurance number, which has no checksum."""
    return number[0] not in "dfiquv" and number[1] not in "dfioquv" and number[:2] not in _NO_NINO


_NO_NINO = ("bg", "gb", "kn", "nk", "nt", "tn", "zz")
_SHAPES: Mapping[str, Shape] = {
    "us": Shape(r"[0-9]{3}[ .-][0-9]{2}[ .-][0-9]{4}", ssn.is_valid),
    "gb": Shape(r"[a-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]", _nino),
    "br": Shape(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", cpf.is_valid),
    "es": Shape(r"[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}[ -]?[a-z]", dni.is_valid, upper=True),
    "es-x": Shape(r"[xyz][ -]?[0-9]{7}[ -]?[a-z]", nie.is_valid, upper=True),
    "it": Shape(
        r"[a-z]{3} ?[a-z]{3} ?[0-9]{2}[a-z][0-9]{2} ?[a-z][0-9]{3}[a-z]",
        codicefiscale.is_valid,
        upper=True,
    ),
    "mx": Shape(r"[a-z]{4}[0-9]{6}[hm][a-z]{5}[0-9a-z][0-9]", curp.is_valid, upper=True),
    "ch": Shape(r"756[. ]?[0-9]{4}[. ]?[0-9]{4}[. ]?[0-9]{2}", ahv.is_valid),
    "fr": Shape(
        r"[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9ab] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}", nir.is_valid
    ),
    "fi": Shape(r"[0-9]{6}[-+a][0-9]{3}[0-9a-z]", hetu.is_valid, upper=True),
    "se": Shape(r"(?:[0-9]{2})?[0-9]{6}[-+][0-9]{4}", personnummer.is_valid),
    "no": Shape(r"[0-9]{6} ?[0-9]{5}", fodselsnummer.is_valid),
    "be": Shape(r"[0-9]{2}[. ]?[0-9]{2}[. ]?[0-9]{2}[- .]?[0-9]{3}[. ]?[0-9]{2}", nn.is_valid),
    "cn": Shape(r"[1-8][0-9]{16}[0-9x]", ric.is_valid, upper=True),
    "kr": Shape(r"[0-9]{6}-[0-9]{7}", rrn.is_valid),
}
_COMPILED = {
    country: (re2.compile(rf"(?:^|[^a-z0-9_])({shape.pattern})(?:$|[^a-z0-9_])"), shape)
    for country, shape in _SHAPES.items()
}
_ANY = re2.compile("|".join(rf"\b(?:{shape.pattern})\b" for shape in _SHAPES.values()))
_INNOCENT = re2.compile(INNOCENT)
_LOOK_BACK = 24

Places = dict[tuple[int, int], Secret]


def ibans(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and the last four characters of each IBAN."""
    text = reading.text
    done = 0
    for match in _IBAN.finditer(text):
        start = match.start()
        length = _LENGTHS.get(text[start : start + 2], 0)
        if length and start >= done and (done := _iban_end(text, start, length)):
            yield start, done, "".join(filter(str.isalnum, text[start:done]))[-4:].upper()


def _iban_end(text: str, start: int, length: int) -> int:
    """Return where `length` letters and digits from `start` end, 0 if they prove no IBAN."""
    ahead = text[start : start + _LONGEST_IBAN]
    iban = "".join(filter(str.isalnum, ahead))[:length]
    if len(iban) < length or not _iban_valid(iban):
        return 0
    places = (place for place, sign in enumerate(ahead, start + 1) if sign.isalnum())
    end = next(islice(places, length - 1, None))
    return 0 if text[end : end + 1].isalnum() else end


def _iban_valid(iban: str) -> bool:
    """Tell whether it passes ISO 7064 mod 97-10."""
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def national_ids(reading: Reading) -> Places:
    """Return (start, end) of each personal id that shape and checksum prove."""
    if _ANY.search(reading.text) is None:
        return {}
    places: Places = {}
    for country, (pattern, shape) in _COMPILED.items():
        kind = Secret.SSN if country == "us" else Secret.NATIONAL
        for start, end in _proven(reading.text, pattern, shape):
            places.setdefault((start, end), kind)
    return places


def _proven(text: str, pattern: "re2._Regexp", shape: Shape) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text):
        start, end = match.span(1)
        number = match.group(1)
        if not shape.valid(number.upper() if shape.upper else number):
            continue
        if _INNOCENT.search(text[max(0, start - _LOOK_BACK) : start]) is None:
            yield start, end

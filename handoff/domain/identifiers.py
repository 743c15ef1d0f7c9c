"""Identifiers in free text: order and reservation ids, e-mail, phone, money, dates, times."""

from dataclasses import dataclass
from enum import StrEnum

import re2

from handoff.domain.glance import Glance


class Kind(StrEnum):
    """What sort of identifier was found."""

    LINK = "link"
    EMAIL = "email"
    MONEY = "amount"
    DATE = "date"
    TIME = "time"
    PHONE = "phone"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Found:
    """One identifier as written, and where in the text it begins."""

    kind: Kind
    text: str
    start: int


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    r"|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    r"|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia)"
)
_CURRENCY = r"(?:dollars?|bucks|usd|eur|euros?|gbp|pounds?|pln|zł|chf|yen|rupees?|inr)"
_NUMBER = r"\d{1,3}(?:[,.' ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"

_PATTERNS = (
    (Kind.LINK, r"https?://[^\s<>\"')]+"),
    (Kind.EMAIL, r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    (Kind.MONEY, rf"[$€£¥₹]\s?(?:{_NUMBER})|\b(?:{_NUMBER})\s?(?:{_CURRENCY}\b|[€£¥₹$])"),
    (
        Kind.DATE,
        r"\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b|\b\d{1,2}/\d{1,2}\b",
    ),
    (
        Kind.DATE,
        rf"\b{_MONTH}\.?\s+\d{{1,2}}(?: ?(?:st|nd|rd|th))?\b(?:,?\s+\d{{4}}\b)?"
        rf"|\b\d{{1,2}}(?: ?(?:st|nd|rd|th)|\.)?\s+(?:of\s+|de\s+)?{_MONTH}\b"
        r"(?:,?\s+(?:de\s+)?\d{4}\b)?",
    ),
    (
        Kind.TIME,
        r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b)?|\b\d{1,2}(?:[.]\d{2})?\s?[ap]\.?m\b",
    ),
    (Kind.PHONE, r"\+\d[\d\s().-]{6,18}\d\b|\b\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b"),
    (
        Kind.REFERENCE,
        r"\b[A-Za-z]+(?:[_-][A-Za-z]+)*[_-]?\d[\w-]*\w\b|\b\d+[A-Za-z_-]+[\w-]*\d\w*\b|\b\d+[A-Za-z]{2,}\w*\b|\b\d{5,}\b|#\s?\d{3,}\b",
    ),
)
_ALL = "(?i)" + "|".join(f"(?:{pattern})" for _, pattern in _PATTERNS)
_ANY = re2.compile(_ALL)
_OCCURS = Glance(_ALL)
_KINDS = Glance(*(f"(?i)^(?:{pattern})$" for _, pattern in _PATTERNS))
_ORDINARY = re2.compile(
    r"(?i)^(?:\d+(?:st|nd|rd|th|[a-z]{1,3}|hrs?|mins?|days?|hours?|weeks?|months?|years?)|(?:\d+-)+[a-z]+|[a-z]+-\d{1,2}|[a-z]\d|\d+x\d+)$"
)
_SHORTEST = 4
_NO_DIGITS = str.maketrans("", "", "0123456789")


def find(text: str) -> tuple[Found, ...]:
    """Return the identifiers in a text, in order, none overlapping another."""
    if not _OCCURS(text):
        return ()
    found: list[Found] = []
    for match in _ANY.finditer(text):
        whole = match.group()
        kind = _PATTERNS[min(_KINDS(whole))][0]
        written = whole.rstrip(".-_")
        if kind is not Kind.REFERENCE or _is_reference(written):
            found.append(
                Found(
                    kind, written.lstrip("# ") if kind is Kind.REFERENCE else written, match.start()
                )
            )
    return tuple(found)


def _is_reference(written: str) -> bool:
    """Tell an identifier from an ordinary measure or count such as `20kg`, `24-hour`, `2nd`."""
    return len(written) >= _SHORTEST and _ORDINARY.match(written) is None


def distinctive(key: str) -> bool:
    """Tell whether a value key hardly occurs by chance: many digits, or letters with digits."""
    digits = len(key) - len(key.translate(_NO_DIGITS))
    return digits >= 5 or (digits >= 2 and len(key) >= 5 and digits < len(key))

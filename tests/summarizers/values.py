"""Made-up values of each kind, and the ways in which people write or say them."""

import random
import string
from collections.abc import Callable
from datetime import date, timedelta

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
}
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
)
FIRST = "Mira Jonas Aisha Pavel Chloé Diego Ingrid Kenji Leila Tomasz Amara Björn Farah Nils Zoe"
LAST = "Okafor Lindqvist Haddad Novak Moreau Ibarra Falk Tanaka Rahimi Kowalski Mbeki Ruiz Stein"


def _code(chance: random.Random) -> str:
    letters = "".join(chance.choices("BCDFGHJKMNPQRTVWXZ", k=2))
    return f"{letters}{chance.randrange(10_000, 99_999)}"


def _word(names: str) -> Callable[[random.Random], str]:
    return lambda chance: chance.choice(names.split())


KINDS: dict[str, Callable[[random.Random], object]] = {
    "code": _code,
    "id": lambda chance: str(chance.randrange(1_000_000, 9_999_999)),
    "name": lambda chance: f"{_word(FIRST)(chance)} {_word(LAST)(chance)}",
    "money": lambda chance: chance.randrange(2_000, 99_999) / 100,
    "date": lambda chance: date(2031, 1, 1) + timedelta(days=chance.randrange(360)),
    "time": lambda chance: chance.randrange(24 * 4) * 15,
    "count": lambda chance: chance.randrange(2, 15),
    "weekday": lambda chance: chance.randrange(7),
    "mail": lambda chance: f"{''.join(chance.choices(string.ascii_lowercase, k=8))}@example.org",
    "phone": lambda chance: f"555-{chance.randrange(200, 999)}-{chance.randrange(1000, 9999)}",
}


def form(kind: str, value: object, shape: str | None) -> str:
    """Return a value in a shape: `other`, `word`, `bare`, `iso`, `spoken` or a language."""
    if kind == "money":
        return _money(float(str(value)), shape)
    if kind == "date" and isinstance(value, date):
        return _date(value, shape)
    if kind == "time":
        return _time(int(str(value)), shape)
    if kind == "count":
        return ONES.split()[int(str(value))] if shape == "word" else str(value)
    if kind == "weekday":
        return WEEKDAYS[shape or "en"].split()[int(str(value))]
    return str(value)


def _money(value: float, shape: str | None) -> str:
    if shape == "bare":
        return f"{value:.2f}"
    if shape == "other":
        return f"{value:.2f} dollars"
    return f"{value:.2f}".replace(".", ",") + " €" if shape == "de" else f"${value:,.2f}"


def _date(value: date, shape: str | None) -> str:
    month = MONTHS.get(shape or "en", MONTHS["en"]).split()[value.month - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(value.day % 10 if value.day // 10 != 1 else 0, "th")
    return {
        "iso": value.isoformat(),
        "other": f"{value.day} {month}",
        "spoken": f"{month.lower()} {value.day}{ending}",
        "de": f"{value.day}. {month}",
        "es": f"{value.day} de {month}",
        "fr": f"{value.day} {month}",
    }.get(shape or "", f"{month} {value.day}{ending}")


def _time(value: int, shape: str | None) -> str:
    hour, minute = divmod(value, 60)
    if shape == "other":
        return f"{hour:02}:{minute:02}"
    return f"{hour % 12 or 12}:{minute:02} {'am' if hour < 12 else 'pm'}"

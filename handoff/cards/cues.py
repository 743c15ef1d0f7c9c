"""Words that announce a value, and words that say nothing, per language, from `cues.yaml`."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypedDict

import re2
import yaml

from handoff.cards.tokens import Token
from handoff.detection.phrases import shipped
from handoff.domain.glance import Glance
from handoff.domain.text import unaccented


class Shape(StrEnum):
    """What a value looks like."""

    WORDS = "words"
    CODE = "code"
    DIGITS = "digits"
    EMAIL = "email"
    ADDRESS = "address"
    QUANTITY = "quantity"
    AMOUNT = "amount"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Cue:
    """What a value is called and looks like, and the words that announce it."""

    name: str
    shape: Shape
    words: tuple[str, ...]


class _Pack(TypedDict, total=False):
    cues: dict[str, dict[str, str | list[str]]]
    links: list[str]
    everyday: list[str]
    goods: list[str]
    sizes: list[str]
    payments: list[str]
    services: list[str]
    brands: list[str]
    streets: list[str]
    order: list[str]
    leads: list[str]
    joiners: list[str]
    weak: list[str]
    after: list[str]
    sensitive: list[str]


_PACKS: dict[str, _Pack] = yaml.safe_load(
    files("handoff.cards").joinpath("cues.yaml").read_text("utf-8")
)


def _every(key: str) -> frozenset[str]:
    return frozenset(unaccented(word) for pack in _PACKS.values() for word in pack.get(key, ()))  # type: ignore[attr-defined] # every key but `cues` holds a list


LINKS = _every("links")
GOODS = _every("goods")
SIZES = _every("sizes")
PAYMENTS = _every("payments")
SERVICES = _every("services")
BRANDS = _every("brands")
STREETS = _every("streets")
ORDER = _every("order")
LEADS = _every("leads")
JOINERS = _every("joiners")
WEAK = _every("weak")
AFTER = _every("after") | JOINERS
SENSITIVE = _every("sensitive")


def _cues() -> dict[str, list[Cue]]:
    """Return the cues by their first word, the longest first."""
    found: dict[str, list[Cue]] = {}
    for pack in _PACKS.values():
        for name, cue in pack["cues"].items():
            for phrase in cue["say"]:
                said = tuple(unaccented(phrase).split())
                found.setdefault(said[0], []).append(Cue(name, Shape(str(cue["shape"])), said))
    for cues in found.values():
        cues.sort(key=lambda cue: -len(cue.words))
    return found


_BY_FIRST = _cues()
_EVERYDAY = frozenset().union(
    *(_every("everyday"), GOODS, SIZES, STREETS),
    *(cue.words for cues in _BY_FIRST.values() for cue in cues),
)


_GAP = "[^a-z0-9]+"
_ANYWHERE = Glance(
    "(?:^|[^a-z0-9])(?:"
    + "|".join(_GAP.join(map(re2.escape, cue.words)) for cues in _BY_FIRST.values() for cue in cues)
    + ")(?:$|[^a-z0-9])"
)


def may_announce(text: str) -> bool:
    """Tell at one look whether a text may have a cue in it; where it has none, that is sure."""
    if not text.isascii():
        return True
    return bool(_ANYWHERE(text.lower().replace("'", "")))


def cue_at(parts: tuple[Token, ...], place: int) -> Cue | None:
    """Return the longest cue that begins at a place."""
    for cue in _BY_FIRST.get(parts[place].plain, ()):
        following = cue.words[1:]
        said = parts[place + 1 : place + len(cue.words)]
        if not following or [token.plain for token in said] == [*following]:
            return cue
    return None


def cues_in(parts: tuple[Token, ...]) -> Iterator[tuple[int, Cue]]:
    """Yield each cue with the place after it, none inside another."""
    after = 0
    for place, token in enumerate(parts):
        if place >= after and token.plain in _BY_FIRST and (cue := cue_at(parts, place)):
            after = place + len(cue.words)
            yield after, cue


def is_everyday(token: Token, language: str | None) -> bool:
    """Tell whether a word is one of ordinary talk and so no name."""
    return token.plain in _EVERYDAY or token.plain in _stop(language)


@cache
def _stop(language: str | None) -> frozenset[str]:
    return shipped().stop(language)

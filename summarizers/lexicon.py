"""What is known of a language's words, read once from `words/<language>.yaml`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

LANGUAGES = ("en", "de", "es", "fr")
"""The languages in which a sentence can be checked; in any other none is shown."""
_ENDINGS = (
    *("izations", "ization", "ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion"),
    *("ied", "ies", "ed", "es", "ly", "al", "s", "e", "y", "n"),
)
_SHORTEST = 3
_STEM = 7

Stems = frozenset[str]
Family = frozenset[str]


def stem(word: str) -> str:
    """Return what a word's forms begin with: `cancelled` and `cancellation` both `cancel`."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word.removesuffix(ending)
            break
    if len(word) > _SHORTEST and word[-1] == word[-2]:
        word = word[:-1]
    return word[:_STEM].removesuffix("e")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words. What each list means is said in `words/en.yaml`."""

    language: str
    function: frozenset[str]
    reporting: frozenset[str]
    customer: frozenset[str]
    bot: frozenset[str]
    saying: frozenset[str]
    negators: frozenset[str]
    failures: tuple[str, ...]
    hedges: frozenset[str]
    doubts: frozenset[str]
    future: frozenset[str]
    determiners: frozenset[str]
    duties: tuple[str, ...]
    identity: frozenset[str]
    auxiliaries: frozenset[str]
    first_person: frozenset[str]
    synonyms: tuple[Family, ...]
    done: frozenset[str]
    successes: frozenset[str]
    families: tuple[Family, ...]
    opposites: tuple[tuple[Family, Family], ...]
    strict: Stems
    yes: frozenset[str]
    no: frozenset[str]
    not_numbers: tuple[str, ...]

    def family(self, stems: Iterable[str]) -> Stems:
        """Return the stems with all that mean the same change."""
        found = set(stems)
        for family in self.families:
            if any(begins(s, family) for s in found):
                found |= family
        return frozenset(found)

    def alike(self, word: str) -> Stems:
        """Return the stems of what says the same as a word."""
        return frozenset(s for family in self.synonyms if word in family for s in family)

    def fails(self, word: str) -> bool:
        """Tell whether a word says that something did not work."""
        return word in self.negators or begins(word, self.failures)


@dataclass(frozen=True, slots=True)
class Numerals:
    """How numbers and dates are said in a language."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    scales: Mapping[str, int]


def begins(word: str, stems: Iterable[str]) -> bool:
    """Tell whether a word begins with one of the stems."""
    return any(word.startswith(s) for s in stems)


@cache
def _raw(language: str) -> dict[str, Any]:
    text = files("summarizers").joinpath("words", f"{language}.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def lexicon(language: str) -> Lexicon:
    """Return what is known of one of `LANGUAGES`."""
    raw = _raw(language)
    sets = {
        name: frozenset(str(raw[name]).split())
        for name in (
            *("function", "reporting", "customer", "bot", "saying", "negators", "hedges"),
            *("doubts", "future"),
            *(
                "determiners",
                "identity",
                "done",
                "successes",
                "yes",
                "no",
                "auxiliaries",
                "first_person",
            ),
        )
    }
    return Lexicon(
        language=language,
        **sets,
        failures=tuple(raw["failures"].split()),
        duties=tuple(raw["duties"].split()),
        families=tuple(map(frozenset, raw["families"])),
        synonyms=tuple(map(frozenset, raw["synonyms"])),
        opposites=tuple((frozenset(one), frozenset(other)) for one, other in raw["opposites"]),
        strict=frozenset(map(stem, raw["strict"].split())),
        not_numbers=tuple(p.strip() for p in raw["not_numbers"].split(",") if p.strip()),
    )


@cache
def numerals(language: str) -> Numerals:
    """Return how numbers and dates are said in a language; `once` is a number in Spanish alone."""
    raw = _raw(language)
    return Numerals(
        **{name: raw[name] for name in ("months", "weekdays", "numbers", "ordinals", "scales")}
    )


def language_of(words: Iterable[str], likely: str = "") -> Lexicon | None:
    """Return the language whose small words occur most, of several the `likely` one.

    None where too few occur to tell.
    """
    told = list(words)
    counts = {
        language: sum(word in lexicon(language).function for word in told) for language in LANGUAGES
    }
    best = max(LANGUAGES, key=lambda language: (counts[language], language == likely))
    return lexicon(best) if counts[best] * 8 >= len(told) and counts[best] else None

"""The phrase book: what customers and bots say, read in the languages a text may be in."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import re2

from handoff.detection.pack import Pack, shipped_packs
from handoff.detection.reader import Tongue
from handoff.domain.languages import language_code
from handoff.domain.text import capped, in_words, normalise, unaccented

ALWAYS: Final = "en"
"""Customers of every language say "agent" and "live chat"."""
_UNKNOWN: Final = frozenset({"", "und", "mul", "zxx", "auto", "unknown"})
_UNSPACED: Final = "\u2e80"
"""The first of the characters of scripts without spaces: Han, Kana, …"""
_LETTERS: Final = re2.compile("[a-z]")
_MARK: Final = "[.,;:!?…¡¿–—]"


@dataclass(frozen=True)
class _Heard:
    """The languages that a conversation may be in."""

    every: tuple[Tongue, ...]

    @cached_property
    def spaced(self) -> tuple[Tongue, ...]:
        return tuple(tongue for tongue in self.every if tongue.pack.spaced)

    @cached_property
    def unspaced(self) -> tuple[Tongue, ...]:
        return tuple(tongue for tongue in self.every if not tongue.pack.spaced)

    @cached_property
    def stop(self) -> frozenset[str]:
        return frozenset().union(*(tongue.stop for tongue in self.every))

    @cached_property
    def denial(self) -> Any:
        """What answers "no" in writing, from where a clause begins to the mark that ends it."""
        denials = "|".join(f"(?:{each.pack.denial})" for each in self.every if each.pack.denial)
        return re2.compile(rf"(?i)(?:^|{_MARK})(?:\s*(?:{denials})\s*{_MARK}+)+")

    def of(self, text: str) -> tuple[Tongue, ...]:
        """Return the languages whose script `text` has."""
        if text.isascii() or max(text) < _UNSPACED:
            return self.spaced
        return self.every if _LETTERS.search(text) else self.unspaced


class PhraseBook:
    """Every pack together: phrases, intents and stop words, by language."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        """Take `packs`; each is compiled when its language is first heard."""
        tongues = {pack.language: Tongue(pack) for pack in packs}
        # A language's own cuts come before English reads what is left.
        always = (tongues.pop(ALWAYS),)
        self._unknown = _Heard((*tongues.values(), *always))
        self._others = _Heard(always)
        self._by_name = {
            name: _Heard((tongue, *always))
            for tongue in tongues.values()
            for name in (tongue.pack.language, *tongue.pack.also)
        }

    def read(self, text: str, words: Iterable[str], language: str | None) -> Mapping[str, str]:
        """Return kind of phrase → the words that matched (without accents) in normalised `text`.

        `language` is a tag ("es-MX") or None: then every language is read that has the script.
        """
        if not text.isascii():
            text = unaccented(text)
            words = text.split()
        heard: dict[str, str] = {}
        words = tuple(words)
        spoken = self._heard(language)
        for tongue in spoken.of(text):
            # A word of one language looks like a misspelt one of another.
            meant = spoken is not self._unknown or tongue.pack.language == ALWAYS
            found, text = tongue.read(text, words, meant=meant)
            if found:
                heard = {**found, **heard}
        return heard

    def after_no(self, written: str, language: str | None) -> str:
        """Return in normalised words what follows an answer "no" in a text; empty without one.

        "No, quiero un agente" and "no quiero un agente" differ by nothing but the mark.
        """
        _, *rest = self._heard(language).denial.split(capped(written))
        return " ; ".join(map(normalise, rest))

    def read_intent(self, intent: str, language: str | None) -> Mapping[str, str]:
        """Return the same of an intent's name in words."""
        heard: dict[str, str] = {}
        for tongue in self._heard(language).of(intent):
            found, _ = tongue.intents.read(unaccented(intent))
            heard = {**found, **heard}
        return heard

    def everyday(self, intent: str) -> bool:
        """Tell whether an intent's name means a dialogue act that every conversation has."""
        return "everyday" in self.read_intent(in_words(intent), None)

    def stop(self, language: str | None) -> frozenset[str]:
        """Return the words that carry no meaning in `language`."""
        return self._heard(language).stop

    def warm(self) -> None:
        """Compile every language now: who serves does not let the first turns wait for it."""
        for tongue in self._unknown.every:
            tongue.warm()
        _ = self._unknown.denial

    def _heard(self, language: str | None) -> _Heard:
        if language is None:
            return self._unknown
        if language in self._by_name:
            return self._by_name[language]
        name = language_code(language)
        if name in _UNKNOWN:
            return self._unknown
        return self._by_name.get(name, self._others)


@functools.cache
def shipped() -> PhraseBook:
    """Return the packs that come with the product, read once."""
    return PhraseBook(shipped_packs())

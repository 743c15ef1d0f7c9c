"""Reads one language's phrases: all patterns over a text at once, misspelt requests again."""

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import re2

from handoff.detection.pack import CUT, Pack
from handoff.domain.text import unaccented

_MATCH_SIZE: Final = 80
_SHORT: Final = 25
_LEGIBLE: Final = 5
"""Letters below which one wrong letter makes another word."""
_SPELT: Final = "asks_person"
"""What misspelt words are read again for."""
_NOTHING: Final[Mapping[str, str]] = {}


class Reader:
    """Finds which kinds of phrase a text holds.

    RE2 first looks for the letters that each pattern cannot do without, then tries only the
    patterns left: hundreds of patterns in one automaton would outgrow its memory and crawl.
    """

    def __init__(self, patterns: Iterable[tuple[str, str]]) -> None:
        """Compile `(kind, pattern)` pairs; matches of the kind `cut` are removed before reading."""
        self._filter = re2.Filter()
        self._kinds: list[str] = []
        for kind, pattern in patterns:
            self._filter.Add(pattern)
            self._kinds.append(kind)
        if self._kinds:
            self._filter.Compile()

    def read(self, text: str) -> tuple[Mapping[str, str], str]:
        """Return kind → the words that matched, and the text without what was cut."""
        hits = self._hits(text)
        cuts = [index for index in hits if self._kinds[index] == CUT]
        if cuts:
            for index in cuts:
                text = self._filter.re(index).sub(" ; ", text)
            hits = self._hits(text)
        return (self._found(hits, text) if hits else _NOTHING), text

    def _hits(self, text: str) -> list[int]:
        return sorted(self._filter.Match(text) or ()) if self._kinds else []

    def _found(self, hits: Iterable[int], text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for index in hits:
            kind = self._kinds[index]
            if kind not in found and kind != CUT:
                pattern = self._filter.re(index)
                match = pattern.search(text)
                found[kind] = (match[pattern.groups] or match[0]).strip()[:_MATCH_SIZE]
        return found


class Tongue:
    """One language, compiled when it is first heard."""

    def __init__(self, pack: Pack) -> None:
        """Read by `pack`."""
        self.pack = pack

    @cached_property
    def phrases(self) -> Reader:
        """What is said."""
        return Reader(self.pack.spoken())

    @cached_property
    def intents(self) -> Reader:
        """What runtimes call intents."""
        return Reader(self.pack.named())

    @cached_property
    def stop(self) -> frozenset[str]:
        """The words that carry no meaning, with and without accents."""
        return frozenset(f"{self.pack.stop} {unaccented(self.pack.stop)}".split())

    @cached_property
    def _fillers(self) -> frozenset[str]:
        return frozenset(unaccented(self.pack.fillers).split())

    @cached_property
    def _meant(self) -> Mapping[str, str]:
        words = unaccented(self.pack.spelling.words).split()
        right = self.stop.union(words, unaccented(self.pack.spelling.unless).split())
        meant: dict[str, str] = {}
        for word in words:
            for wrong in _misspelt(word):
                if len(wrong) >= _LEGIBLE and wrong not in right:
                    meant.setdefault(wrong, word)
        return meant

    def warm(self) -> None:
        """Compile now what is else compiled when it is first needed."""
        _ = self.phrases, self.intents, self.stop, self._fillers, self._meant

    def read(
        self, text: str, words: Sequence[str], *, meant: bool
    ) -> tuple[Mapping[str, str], str]:
        """Return the kinds of phrase in a text, a short one read again as it was `meant`.

        The second value is the text without what was cut out.
        """
        spoken = text
        if not self._fillers.isdisjoint(words):
            words = [word for word in text.split() if word not in self._fillers]
            spoken = " ".join(words)
        found, left = self.phrases.read(spoken)
        left = text if left is spoken else left
        if not meant or _SPELT in found or not 2 <= len(words) <= _SHORT:
            return found, left
        if self._meant.keys().isdisjoint(words):
            return found, left
        again, _ = self.phrases.read(" ".join(self._meant.get(word, word) for word in words))
        return {**again, **found}, left


def _misspelt(word: str) -> Iterator[str]:
    """Yield what is one letter away: left out, doubled, wrong, too much, or swapped."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in string.ascii_lowercase:
            yield head + letter + tail
            yield head + letter + tail[1:]

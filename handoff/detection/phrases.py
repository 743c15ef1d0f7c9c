"""The phrase packs: what customers and bots say, per language, read as one automaton."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Final

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import process
from rapidfuzz.distance import OSA

from handoff.domain.text import in_words

_MATCH_SIZE: Final = 80
_SHORT: Final = 25
_LEGIBLE: Final = 5
"""Letters below which one wrong letter makes another word."""
_CUT: Final = "cut"
_SPELT: Final = "asks_person"
"""What misspelt words are read again for."""
_NOTHING: Final[Mapping[str, str]] = {}


class Spelling(BaseModel):
    """Words worth recognising when misspelt, and words that only look like them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str = ""
    unless: str = ""


class Pack(BaseModel):
    """One language's file. Patterns may name an entry of `words` in braces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    words: dict[str, str] = Field(default_factory=dict)
    cut: tuple[str, ...] = ()
    phrases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    intents: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    stop: str = ""
    spelling: Spelling = Spelling()

    def expanded(self, pattern: str) -> str:
        """Return `pattern` with every `{name}` replaced; a name may use the names before it."""
        for name, words in reversed(self.words.items()):
            pattern = pattern.replace(f"{{{name}}}", words)
        return pattern


class Reader:
    """Finds which kinds of phrase a text holds, in one pass over all patterns."""

    def __init__(self, patterns: Iterable[tuple[str, str]]) -> None:
        """Compile `(kind, pattern)` pairs; matches of the kind `cut` are removed before reading."""
        self._set = re2.Set.SearchSet()
        self._patterns = [(kind, re2.compile(pattern)) for kind, pattern in patterns]
        for _, pattern in self._patterns:
            self._set.Add(pattern.pattern)
        self._set.Compile()

    def read(self, text: str) -> Mapping[str, str]:
        """Return kind → the words that matched, for every kind `text` holds."""
        hits = self._set.Match(text)
        if not hits:
            return _NOTHING
        cuts = [index for index in hits if self._patterns[index][0] == _CUT]
        if not cuts:
            return self._found(hits, text)
        for index in cuts:
            text = self._patterns[index][1].sub(" ; ", text)
        return self._found(self._set.Match(text) or (), text)

    def _found(self, hits: Iterable[int], text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for index in sorted(hits):
            kind, pattern = self._patterns[index]
            if kind not in found and kind != _CUT:
                match = pattern.search(text)
                found[kind] = (match[pattern.groups] or match[0]).strip()[:_MATCH_SIZE]
        return found


class PhraseBook:
    """Every pack together: the readers of phrases and of intents, and the stop words."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        """Compile `packs`."""
        every = tuple(packs)
        self.phrases = Reader(
            [(_CUT, pack.expanded(pattern)) for pack in every for pattern in pack.cut]
            + _pairs((pack, pack.phrases) for pack in every)
        )
        self.intents = Reader(_pairs((pack, pack.intents) for pack in every))
        self.stop = frozenset(word for pack in every for word in pack.stop.split())
        self._key_words = tuple(word for pack in every for word in pack.spelling.words.split())
        self._right = self.stop.union(
            self._key_words, *(pack.spelling.unless.split() for pack in every)
        )

    def read(self, text: str, words: Sequence[str]) -> Mapping[str, str]:
        """Return the kinds of phrase in a text, reading a short one again as it was meant."""
        found = self.phrases.read(text)
        if _SPELT in found or not 2 <= len(words) <= _SHORT:
            return found
        meant = [self._meant(word) for word in words]
        return found if meant == [*words] else {**self.phrases.read(" ".join(meant)), **found}

    def everyday(self, intent: str) -> bool:
        """Tell whether an intent's name means a dialogue act that every conversation has."""
        return "everyday" in self.intents.read(in_words(intent))

    def _meant(self, word: str) -> str:
        if len(word) < _LEGIBLE or word in self._right:
            return word
        near = process.extractOne(word, self._key_words, scorer=OSA.distance, score_cutoff=1)
        return near[0] if near else word


def _pairs(groups: Iterable[tuple[Pack, Mapping[str, tuple[str, ...]]]]) -> list[tuple[str, str]]:
    return [
        (kind, pack.expanded(pattern))
        for pack, kinds in groups
        for kind, patterns in kinds.items()
        for pattern in patterns
    ]


@functools.cache
def shipped() -> PhraseBook:
    """Return the packs that come with the product, read once."""
    folder = resources.files("handoff.detection").joinpath("packs")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return PhraseBook(
        Pack.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in files
        if file.name.endswith(".yaml")
    )

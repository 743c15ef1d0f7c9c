"""A phrase pack: what customers and bots say in one language, as its file holds it."""

import functools
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from handoff.domain.text import unaccented

CUT: Final = "cut"


class Spelling(BaseModel):
    """Words worth recognising when misspelt, and words that only look like them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str = ""
    unless: str = ""


class Pack(BaseModel):
    """One language's file. Patterns may name an entry of `words` in braces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str = Field(description="primary language subtag, as in BCP 47")
    also: tuple[str, ...] = Field(default=(), description="what else runtimes call the language")
    spaced: bool = Field(default=True, description="whether its words stand apart")
    words: dict[str, str] = Field(default_factory=dict)
    cut: tuple[str, ...] = ()
    denial: str = Field(
        default="", description="answers that a mark ends: they negate nothing that follows"
    )
    phrases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    intents: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    stop: str = ""
    fillers: str = Field(default="", description="sounds left out before reading")
    spelling: Spelling = Spelling()

    def expanded(self, pattern: str) -> str:
        """Return `pattern` without accents and with every `{name}` replaced.

        A name may use the names before it.
        """
        for name, words in reversed(self.words.items()):
            pattern = pattern.replace(f"{{{name}}}", words)
        return unaccented(pattern)

    def spoken(self) -> Iterator[tuple[str, str]]:
        """Yield kind and pattern of everything that is said, what is to be cut out first."""
        for pattern in self.cut:
            yield CUT, self.expanded(pattern)
        yield from self._pairs(self.phrases)

    def named(self) -> Iterator[tuple[str, str]]:
        """Yield kind and pattern of intent names."""
        yield from self._pairs(self.intents)

    def _pairs(self, kinds: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
        for kind, patterns in kinds.items():
            for pattern in patterns:
                yield kind, self.expanded(pattern)


@functools.cache
def shipped_packs() -> tuple[Pack, ...]:
    """Return the packs that come with the product, read once, in order of their names."""
    folder = resources.files("handoff.detection").joinpath("packs")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(
        Pack.model_validate(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        for file in files
        if file.name.endswith(".yaml")
    )

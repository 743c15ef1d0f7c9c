"""Phrase patterns of every language together, compiled from `phrases.yaml`."""

from importlib.resources import files
from typing import Protocol

import re2
import yaml

from handoff.domain.glance import Glance


class Match(Protocol):
    """Where a pattern matched."""

    def group(self, number: int = 0) -> str:
        """Return the words that matched, or those of a numbered group."""


class Pattern(Protocol):
    """A compiled pattern."""

    def search(self, text: str) -> Match | None:
        """Return the first match in the text."""


_LANGUAGES: dict[str, dict[str, list[str]]] = yaml.safe_load(
    files("handoff.cards").joinpath("phrases.yaml").read_text("utf-8")
)


def _pattern(kind: str) -> str:
    """Return one pattern for a kind of phrase, of all languages."""
    patterns = (pattern for language in _LANGUAGES.values() for pattern in language.get(kind, ()))
    return "(?i)" + "|".join(f"(?:{pattern})" for pattern in patterns)


PROMISE = Glance(_pattern("promise"))
NOT_PROMISE = Glance(_pattern("not_promise"))
DEADLINE: Pattern = re2.compile(_pattern("deadline"))
DONE_CLAIM = Glance(_pattern("done"))
CORRECTION = Glance(_pattern("correction"))
ATTEMPT = Glance(_pattern("attempt"))
REFUSAL = Glance(_pattern("refusal"))
REJECTS = Glance(_pattern("rejects"))
FAULT = Glance(_pattern("fault"))
AI_NOTICE = Glance(_pattern("ai_notice"))
RECORDING_NOTICE = Glance(_pattern("recording_notice"))
RECORDING_REFUSAL = Glance(_pattern("recording_refusal"))
VULNERABLE = Glance(_pattern("vulnerable"))
FILLER = Glance(_pattern("filler"))
REFERENCE_NOUNS = frozenset(noun for words in _LANGUAGES.values() for noun in words["nouns"])
"""Nouns that say what the identifier after them is."""

"""Phrase patterns of every language together, compiled from `phrases.yaml`."""

from importlib.resources import files
from typing import Protocol

import re2
import yaml


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


def _compiled(kind: str) -> Pattern:
    """Return one pattern for a kind of phrase, of all languages."""
    patterns = (pattern for language in _LANGUAGES.values() for pattern in language.get(kind, ()))
    compiled: Pattern = re2.compile("(?i)" + "|".join(f"(?:{pattern})" for pattern in patterns))
    return compiled


PROMISE = _compiled("promise")
NOT_PROMISE = _compiled("not_promise")
DEADLINE = _compiled("deadline")
DONE_CLAIM = _compiled("done")
CORRECTION = _compiled("correction")
ATTEMPT = _compiled("attempt")
REFUSAL = _compiled("refusal")
REJECTS = _compiled("rejects")
FAULT = _compiled("fault")
AI_NOTICE = _compiled("ai_notice")
RECORDING_NOTICE = _compiled("recording_notice")
RECORDING_REFUSAL = _compiled("recording_refusal")
VULNERABLE = _compiled("vulnerable")
FILLER = _compiled("filler")
REFERENCE_NOUNS = frozenset(noun for words in _LANGUAGES.values() for noun in words["nouns"])
"""Nouns that say what the identifier after them is."""

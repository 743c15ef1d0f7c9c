"""Keep secret values off the card: by their name, and wherever their words recur."""

import math
from collections.abc import Iterable

import re2
from pydantic import JsonValue

from handoff.cards.names import is_card_number, is_secret
from handoff.cards.phrases import Match
from handoff.domain.extracts import encodable

HIDDEN = "••••"
MASK = "••"
"""In what redaction has masked already."""
_SHORTEST = 3
_LONG = 200
_MOST = 100


def masked(name: str, value: JsonValue) -> JsonValue:
    """Return the value, or what may be shown of it where its name says that it is secret."""
    if is_card_number(name):
        if isinstance(value, str) and MASK in value:
            return value
        digits = "".join(char for char in str(value) if char.isdigit())
        return f"{HIDDEN} {digits[-4:]}" if len(digits) >= 12 else HIDDEN
    return HIDDEN if is_secret(name) else value


def masked_tree(name: str, value: JsonValue) -> JsonValue:
    """Return a value with the secrets inside it masked, by the names of their keys."""
    if isinstance(value, dict):
        return {encodable(key): masked_tree(key, part) for key, part in value.items()}
    if isinstance(value, list):
        return [masked_tree(name, part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return masked(name, encodable(value) if isinstance(value, str) else value)


class Secrets:
    """The secret values a conversation gave under a name, hidden in any text they recur in."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        """Take the values; those too short to be told from ordinary words are left to redaction."""
        known = sorted({v.strip() for v in values if len(v.strip()) >= _SHORTEST}, key=len)
        self._long = tuple(value for value in reversed(known) if len(value) > _LONG)
        escaped = "|".join(re2.escape(v) for v in reversed(known[-_MOST:]) if len(v) <= _LONG)
        bounded = rf"(?i)(^|[^\pL\pN])(?:{escaped})($|[^\pL\pN])"
        self._pattern = re2.compile(bounded) if escaped else None

    def within(self, text: str) -> bool:
        """Tell whether a secret value stands in the text."""
        return self.hide(text) != text

    def hide(self, text: str) -> str:
        """Return the text with every secret value in it replaced."""
        for value in self._long:
            text = text.replace(value, HIDDEN)
        if self._pattern is None or not text:
            return text
        once = self._pattern.sub(_hidden, text)
        twice: str = self._pattern.sub(_hidden, once)  # what shared a boundary with the one before
        return twice


def _hidden(match: Match) -> str:
    return f"{match.group(1)}{HIDDEN}{match.group(2)}"

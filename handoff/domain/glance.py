"""One look at a text that tells which of some patterns occur in it, without where.

A look costs half of what a search does, whatever the number of patterns, and spares most texts all
that comes after it.
"""

import re2


class Glance:
    """Patterns that are looked for together."""

    def __init__(self, *patterns: str) -> None:
        """Compile them; raise `re2.error` if one is none."""
        self._set = re2.Set.SearchSet()
        for pattern in patterns:
            self._set.Add(pattern)
        self._set.Compile()

    def __call__(self, text: str) -> list[int]:
        """Return the places of the patterns that occur in a text; none: an empty list."""
        return self._set.Match(text) or []

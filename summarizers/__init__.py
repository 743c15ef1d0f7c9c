"""Prose for cards, by name: a card's first version needs none, so none is registered yet."""

SUMMARIZERS: dict[str, str] = {}
"""Name to `module:attribute`, resolved on use."""

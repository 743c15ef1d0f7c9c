"""Measures handoff cards: what should be on them, what is, and what was made up."""

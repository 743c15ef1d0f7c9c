"""Values that were spelt: "one three u n", "double five", "A as in alpha", as recognisers write."""

from importlib.resources import files
from typing import TypedDict

import yaml

from handoff.domain.extracts import words
from handoff.domain.text import unaccented

_MOSTLY = 0.6
_FEWEST = 3
"""Pieces from which a run of letters and digits is spelling."""


class _Pack(TypedDict, total=False):
    digits: list[str]
    letters: dict[str, str]
    repeats: dict[str, int]
    as_in: list[str]


_PACKS: dict[str, _Pack] = yaml.safe_load(
    files("handoff.cards").joinpath("spelling.yaml").read_text("utf-8")
)
_DIGITS = {
    unaccented(word): str(number)
    for pack in _PACKS.values()
    for number, word in enumerate(pack.get("digits", ()))
}
_LETTERS = {
    unaccented(word): letter
    for pack in reversed(_PACKS.values())
    for word, letter in pack.get("letters", {}).items()
}
_SOUNDS = {**_LETTERS, **_DIGITS}
_SURE = {**_DIGITS, **_PACKS["nato"].get("letters", {})}
"""What is a digit or a letter wherever it stands among others."""
_REPEATS = {
    unaccented(word): times
    for pack in _PACKS.values()
    for word, times in pack.get("repeats", {}).items()
}
_AS_IN = tuple(
    tuple(phrase.split()) for pack in _PACKS.values() for phrase in pack.get("as_in", ())
)


def sounds(text: str) -> str:
    """Return a hypothesis as it would be spelt: names of letters and digits become these."""
    return "".join(_SOUNDS.get(word, word) for word in _plain(words(text)))


def looks_spelt(text: str) -> bool:
    """Tell whether most words are no longer than two letters: `d o n n a`, `TR AC y`."""
    parts = words(text)
    short = sum(len(part) <= 2 for part in parts)
    return len(parts) >= _FEWEST and short >= _MOSTLY * len(parts)


def spelt_runs(text: str) -> list[tuple[str, str]]:
    """Return each stretch that spells a value, as written and put together (`13UN`).

    Only digits, single letters, the spelling alphabet and repeats make a stretch; a stretch needs
    a spelt piece, so that plain numbers are left to those who look for numbers.
    """
    parts = _plain(words(text))
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(parts):
        run, end = _run(parts, place)
        if end - place >= _FEWEST and len(run) >= _FEWEST:
            found.append((" ".join(parts[place:end]), run.upper()))
        place = max(end, place + 1)
    return found


def _run(parts: list[str], place: int) -> tuple[str, int]:
    """Return what is spelt from a place on, and where it ends."""
    run, times = "", 1
    while place < len(parts):
        part = parts[place]
        if part in _REPEATS:
            times, place = _REPEATS[part], place + 1
            continue
        piece = part if len(part) == 1 or part.isdecimal() else _SURE.get(part, "")
        if not piece:
            break
        run, times, place = run + piece * times, 1, place + 1
        place = _past_example(parts, place, piece)
    return run, place


def _past_example(parts: list[str], place: int, letter: str) -> int:
    """Return the place after the example of a letter, if one stands there."""
    for phrase in _AS_IN:
        end = place + len(phrase)
        example = parts[end : end + 1]
        if tuple(parts[place:end]) == phrase and example and example[0].startswith(letter):
            return end + 1
    return place


def _plain(parts: list[str]) -> list[str]:
    return [part if part.isascii() else unaccented(part) for part in parts]

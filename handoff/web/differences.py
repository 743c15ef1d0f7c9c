"""Lay out how one text differs from another, line by line, as a page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

MOST_LINES = 1_500
"""Lines of each text that are compared: the time grows with their product."""
LONGEST = 400
"""Characters shown of a line; learned weights have long ones."""
KINDS = {"+": "added", "-": "removed", "@": "place"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line: `added`, `removed`, `same`, or a `place` in the file that follows."""

    kind: str
    text: str


def differences(before: str, after: str) -> tuple[DiffLine, ...] | None:
    """Return what leads from one text to the other; None where they are too long to compare."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        return None
    return tuple(_lines(old, new))


def _lines(old: list[str], new: list[str]) -> Iterator[DiffLine]:
    for line in [*unified_diff(old, new, lineterm="")][2:]:  # the first two name the files
        yield DiffLine(KINDS.get(line[0], "same"), _cut(line))


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"

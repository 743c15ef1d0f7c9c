"""The documents: where each lies, and how the tests find their way in one."""

from collections.abc import Iterator
from pathlib import Path

import re2

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CONNECTED = ROOT / "connectors" / "README.md"
DETECTION = ROOT / "handoff" / "detection" / "README.md"
CARDS = ROOT / "handoff" / "cards" / "README.md"
INTEGRATING = ROOT / "handoff" / "INTEGRATING.md"
OPERATING = ROOT / "handoff" / "OPERATING.md"
EXTENDING = ROOT / "handoff" / "EXTENDING.md"
DECISIONS = ROOT / "handoff" / "DECISIONS.md"
FAULTS = ROOT / "tests" / "faults" / "README.md"

DOCUMENTS = (
    README,
    INTEGRATING,
    OPERATING,
    DETECTION,
    CARDS,
    CONNECTED,
    EXTENDING,
    DECISIONS,
    FAULTS,
)
"""Every document there is: each link, each place and each example of theirs is tried."""

_BLOCK = re2.compile(r"(?ms)^```(\w+)\n(.*?)^```$")
_FENCED = re2.compile(r"(?ms)^```.*?^```$")
_HEADING = re2.compile(r"(?m)^#+ (.*)$")
_SECTION = re2.compile(r"(?m)^## (.*)$")
_NO_MARK = re2.compile(r"[^\w\- ]")


def named(document: Path) -> str:
    """Return its place in the project."""
    return document.relative_to(ROOT).as_posix()


def read(document: Path) -> str:
    """Return a document's text."""
    return document.read_text(encoding="utf-8")


def prose(document: Path) -> str:
    """Return a document's text without its examples."""
    return _FENCED.sub("", read(document))


def section(document: Path, title: str) -> str:
    """Return what stands under a heading of the second or third level, whatever is below it."""
    for mark in ("##", "###"):
        _, found, rest = read(document).partition(f"\n{mark} {title}\n")
        if found:
            ends = [f"\n{'#' * level} " for level in range(2, len(mark) + 1)]
            return min((rest.partition(end)[0] for end in ends), key=len)
    raise ValueError(f"{document} has no {title}")


def sections(document: Path) -> list[str]:
    """Return the headings of the second level."""
    return list(_SECTION.findall(prose(document)))


def blocks(document: Path, title: str) -> list[tuple[str, str]]:
    """Return language and text of each example under a heading."""
    return list(_BLOCK.findall(section(document, title)))


def examples(document: Path) -> Iterator[tuple[str, str, str]]:
    """Yield each example with its heading's title, which is empty before the first."""
    before = read(document).partition("\n## ")[0]
    yield from (("", language, text) for language, text in _BLOCK.findall(before))
    for title in sections(document):
        yield from ((title, language, text) for language, text in blocks(document, title))


def headings(document: Path) -> list[str]:
    """Return its headings, the title among them."""
    return list(_HEADING.findall(prose(document)))


def anchors(document: Path) -> set[str]:
    """Return the names by which links lead to a document's headings."""
    return {_NO_MARK.sub("", one.lower()).replace(" ", "-") for one in headings(document)}

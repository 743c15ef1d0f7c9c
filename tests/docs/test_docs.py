"""The documents tell of all there is, in the words of the registries, and of nothing else."""

from pathlib import Path

import pytest
import re2

from handoff.domain.finding import Damage
from tests.docs.documents import (
    DECISIONS,
    DOCUMENTS,
    ROOT,
    anchors,
    headings,
    named,
    prose,
    read,
)
from tests.docs.tables import FILES

PLACE = re2.compile(r"`((?:handoff|connectors|summarizers|templates|tests)/[A-Za-z_/.]+)`")
EXAMPLE = re2.compile(r"(?:^|_)x\.py$")
LINK = re2.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
TARGET = re2.compile(r"(?m)^([a-z-]+):.*## ")
PLACED = re2.compile(r"\]\(([^)#:]*)#([^)]+)\)")
PHONY = re2.compile(r"(?m)^\.PHONY: (.*)$")
SENT = re2.compile(r"\b(?:[a-z_]+/)*[A-Z]+\.md\b")
TEXT = "\n".join(map(read, DOCUMENTS))


@pytest.mark.parametrize(("file", "part"), [(file, part) for file in FILES for part in FILES[file]])
def test_a_table_is_what_its_registry_says(file: Path, part: str) -> None:
    """After a change of a registry: `python -m tests.docs`."""
    _, _, rest = file.read_text(encoding="utf-8").partition(f"<!-- {part} -->\n")
    shown, _, _ = rest.partition(f"\n<!-- /{part} -->")

    assert shown == FILES[file][part](), "run `python -m tests.docs`"


def test_every_make_target_is_told() -> None:
    """`make help` lists each, and the documents name those that do something with the product."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(TARGET.findall(makefile))

    assert targets == set(PHONY.findall(makefile)[0].split())
    for target in targets - {"help", "clean"}:
        assert f"make {target}" in TEXT, target


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_file_it_names_is_there(document: Path) -> None:
    """Links lead somewhere from where the document lies, and paths from the top."""
    places = [ROOT / name for name in PLACE.findall(read(document))]
    links = [document.parent / name for name in LINK.findall(prose(document))]
    real = [place for place in places + links if not EXAMPLE.search(place.name)]

    assert real
    assert [place for place in real if not place.exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_place_it_leads_to_is_there(document: Path) -> None:
    """A link to a heading, here or in another document, names one that is there."""
    for name, place in PLACED.findall(prose(document)):
        target = (document.parent / name).resolve() if name else document
        assert target in DOCUMENTS, name
        assert place in anchors(target), f"{name}#{place}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_no_heading_is_there_twice(document: Path) -> None:
    """A link to it would lead to the first of them."""
    titles = headings(document)

    assert len(titles) == len(anchors(document))


def test_every_document_is_known_here() -> None:
    """But for what is no document: templates, and cards that were recorded."""
    apart = {"templates", "golden"}
    there = {
        path
        for path in ROOT.rglob("*.md")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
        and not apart & {*path.parts}
    }

    assert there == {*DOCUMENTS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_document_says_first_what_it_is_for(document: Path) -> None:
    """Under its title, in a sentence, before any heading, table or list."""
    title, nothing, says, *_ = read(document).splitlines()

    assert title.startswith("# ")
    assert nothing == ""
    assert says[0].isalpha()
    assert "." in says


def test_every_document_that_code_sends_to_is_there() -> None:
    """Docstrings, messages and shipped files name documents by their places from the top."""
    for room in ("handoff", "connectors", "summarizers", "templates"):
        for path in (ROOT / room).rglob("*"):
            if path.suffix in (".py", ".yaml", ".html"):
                for name in SENT.findall(path.read_text(encoding="utf-8")):
                    assert ROOT / name in DOCUMENTS, f"{path}: {name}"


def test_every_damage_is_told() -> None:
    """The report of what is stuck sends its reader there."""
    assert [each for each in Damage if f"| `{each.value}` |" not in TEXT] == []


def test_nobody_is_sent_to_a_strangers_package() -> None:
    """The name on the package index is not ours."""
    strangers = "pip install " + "handoff"

    for path in (*DOCUMENTS, *(ROOT / "handoff").rglob("*")):
        if path.suffix in (".py", ".md", ".yaml"):
            assert strangers not in path.read_text(encoding="utf-8"), path


def test_every_decision_has_its_five_parts() -> None:
    """DECISIONS.md keeps its form, and the files it names are there."""
    text = read(DECISIONS)
    decisions = text.split("\n## ")[1:]

    assert decisions
    for decision in decisions:
        title = decision.splitlines()[0]
        for part in ("Context", "Decision", "Consequences", "Weighed", "Files"):
            assert f"**{part}.**" in decision, f"{title}: {part}"
        assert len(decision.splitlines()) <= 40, f"{title}: one screen"

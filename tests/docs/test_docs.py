"""README tells of everything there is, in the words of the registries, and of nothing else."""

from pathlib import Path

import pytest
import re2

from handoff.domain.finding import Damage
from tests.docs.tables import FILES, README, ROOT

TEXT = README.read_text(encoding="utf-8")
PLACE = re2.compile(r"`((?:handoff|connectors|summarizers|templates|tests)/[a-z_/.]+)`")
LINK = re2.compile(r"\]\(([^)#:]+)\)")
TARGET = re2.compile(r"(?m)^([a-z-]+):.*## ")
PLACED = re2.compile(r"\]\(([^)#:]*)#([^)]+)\)")
HEADING = re2.compile(r"(?m)^#+ (.*)$")
PHONY = re2.compile(r"(?m)^\.PHONY: (.*)$")


@pytest.mark.parametrize(("file", "part"), [(file, part) for file in FILES for part in FILES[file]])
def test_a_table_is_what_its_registry_says(file: Path, part: str) -> None:
    """After a change of a registry: `python -m tests.docs`."""
    _, _, rest = file.read_text(encoding="utf-8").partition(f"<!-- {part} -->\n")
    shown, _, _ = rest.partition(f"\n<!-- /{part} -->")

    assert shown == FILES[file][part](), "run `python -m tests.docs`"


def test_every_make_target_is_told() -> None:
    """`make help` lists each, and README names those that do something with the product."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(TARGET.findall(makefile))

    assert targets == set(PHONY.findall(makefile)[0].split())
    for target in targets - {"help", "clean"}:
        assert f"make {target}" in TEXT, target


def test_every_file_it_names_is_there() -> None:
    """Links and paths lead somewhere."""
    named = [*LINK.findall(TEXT), *PLACE.findall(TEXT)]
    real = [name for name in named if not name.endswith(("/x.py", "_x.py"))]

    assert real
    assert [name for name in real if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("file", FILES)
def test_every_place_it_leads_to_is_there(file: Path) -> None:
    """A link to a heading, here or in another file, names one that is there."""
    for name, place in PLACED.findall(file.read_text(encoding="utf-8")):
        target = file.parent / name if name else file
        headings = HEADING.findall(target.read_text(encoding="utf-8"))
        marks = "`?,.:"
        slugs = {"".join(c for c in one.lower() if c not in marks) for one in headings}
        assert place in {slug.replace(" ", "-") for slug in slugs}, place


def test_every_damage_is_told() -> None:
    """The report of what is stuck sends its reader to README."""
    assert [each for each in Damage if f"| `{each.value}` |" not in TEXT] == []


def test_nobody_is_sent_to_a_strangers_package() -> None:
    """The name on the package index is not ours."""
    strangers = "pip install " + "handoff"

    for path in (README, *(ROOT / "handoff").rglob("*")):
        if path.suffix in (".py", ".md", ".yaml"):
            assert strangers not in path.read_text(encoding="utf-8"), path


def test_every_decision_has_its_five_parts() -> None:
    """DECISIONS.md keeps its form, and the files it names are there."""
    text = (ROOT / "handoff" / "DECISIONS.md").read_text(encoding="utf-8")
    decisions = text.split("\n## ")[1:]

    assert decisions
    for decision in decisions:
        title = decision.splitlines()[0]
        for part in ("Context", "Decision", "Consequences", "Weighed", "Files"):
            assert f"**{part}.**" in decision, f"{title}: {part}"
        assert len(decision.splitlines()) <= 40, f"{title}: one screen"
    assert [name for name in PLACE.findall(text) if not (ROOT / name).exists()] == []

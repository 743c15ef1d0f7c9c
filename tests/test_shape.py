"""The shape of the code: the rules that a linter can't say."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = sorted(
    path
    for room in ("handoff", "connectors", "summarizers")
    for path in (ROOT / room).rglob("*.py")
    if "_templates" not in path.parts
)
ALLOWED_TOP = {
    "pyproject.toml",
    "README.md",
    "Makefile",
    "LICENSE",
    "handoff",
    "summarizers",
    "connectors",
    "tests",
    "templates",
}
BANNED_NAMES = {"utils", "helpers", "manager", "base", "common"}


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_a_sentence(path: Path) -> None:
    """A module opens with what it is for, in one line, and stays within 300 lines."""
    text = path.read_text(encoding="utf-8")
    doc = ast.get_docstring(ast.parse(text)) or ""

    assert doc, "say in the first line what the module is for"
    assert doc.splitlines()[0].rstrip().endswith((".", ":", ";")), "one sentence, ended"
    assert len(text.splitlines()) <= 300, "split it: a module has one purpose"
    assert path.stem not in BANNED_NAMES, "name it after what it does"


def test_templates_are_short_and_never_trust_text() -> None:
    """No template switches escaping off, and each stays readable."""
    templates = [p for p in (ROOT / "templates").rglob("*") if p.suffix in (".html", ".txt", ".md")]
    assert templates

    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", ""), template
        assert "autoescape false" not in text, template
        assert len(text.splitlines()) <= 300, template


def test_the_top_level_holds_only_what_was_agreed() -> None:
    """Everything has its room."""
    tracked = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert tracked - ALLOWED_TOP - {"build", "dist", "handoff-data", "outbox"} == set()


def test_no_path_of_a_machine_is_in_the_project() -> None:
    """Nothing refers to a place outside the checkout, but Makefile's SHARED."""
    suspicious = ("/work" + "/", "/root" + "/", "/home" + "/")

    for path in ROOT.rglob("*"):
        tools = any(part.startswith(".") for part in path.relative_to(ROOT).parts)
        if path.suffix in (".py", ".md", ".toml", ".html", ".yaml") and not tools:
            text = path.read_text(encoding="utf-8")
            assert not any(word in text for word in suspicious), path

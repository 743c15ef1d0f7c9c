"""Templates say what their context says, and leave hostile text no way in."""

from dataclasses import fields
from pathlib import Path

import pytest
import re2
from jinja2 import meta, nodes

from handoff import web
from handoff.templating import environment, template_folder
from handoff.web.pages import Page
from handoff.web.transcript import transcript
from tests import factories

ENVIRONMENT = environment("html")
NAMES = [name for name in ENVIRONMENT.list_templates() if name.endswith(".html")]
PAGES = {page.template: page for page in Page.__subclasses__()}
OWN_ADDRESS = re2.compile(r"^(/|#|\{\{ [a-z_.]*(href|path|csv|more|whole|src)[a-z_]* \}\})")


def source(name: str) -> str:
    """Return a template as it is written."""
    return Path(template_folder(), name).read_text(encoding="utf-8")


def names_of(template: str) -> set[str]:
    """Return the names that a template and all it extends or includes take from the context."""
    seen, todo, names = set[str](), [template], set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        parsed = ENVIRONMENT.parse(source(name))
        imported = {one.target for one in parsed.find_all(nodes.Import)}
        names |= meta.find_undeclared_variables(parsed) - imported
        todo += [other for other in meta.find_referenced_templates(parsed) if other]
    return names


@pytest.mark.parametrize("template", PAGES)
def test_a_page_renders_exactly_its_context(template: str) -> None:
    """A template uses every field of its context and nothing else."""
    expected = {field.name for field in fields(PAGES[template])}

    assert names_of(template) == expected


def test_every_page_has_a_context() -> None:
    """What is no partial, no base and no card is a page with a dataclass of its own."""
    assert web.ROUTERS
    alone = {n for n in NAMES if "/_" not in n and not n.startswith(("_", "base", "cards/"))}

    assert set(PAGES) == alone


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles(name: str) -> None:
    """Every template can be loaded."""
    assert ENVIRONMENT.get_template(name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_attributes_are_quoted(name: str) -> None:
    """Escaping does not help in an attribute without quotes."""
    assert not re2.search(r"""=\s*\{[{%]""", source(name)), name


@pytest.mark.parametrize("name", NAMES)
def test_nothing_brings_its_own_script_or_style(name: str) -> None:
    """Handlers, inline scripts, inline styles and trust are nowhere."""
    text = source(name)

    assert not re2.search(r"(?i)\son[a-z]+\s*=", text)
    assert not re2.search(r"(?i)<style|\sstyle\s*=|<script>|srcdoc|javascript:", text)
    assert not re2.search(r"\|\s*safe|Markup|autoescape", text)


@pytest.mark.parametrize("name", NAMES)
def test_addresses_are_our_own(name: str) -> None:
    """A link, a form or a source is one of ours by how it begins, whatever follows."""
    for match in re2.finditer(r'(?:href|src|action)="([^"]*)"', source(name)):
        address = match.group(1)

        assert OWN_ADDRESS.search(address) or address == "{{ at }}/{{ choice }}", (name, address)


@pytest.mark.parametrize(("missing", "words"), [(1, "1 turn is missing"), (2, "2 turns are")])
def test_missing_turns_are_told(missing: int, words: str) -> None:
    """One or many, and why they may be missing."""
    turns = [factories.stored("a", index=0), factories.stored("b", index=missing + 1)]
    module = ENVIRONMENT.get_template("agent/_transcript.html").make_module()

    html = module.turns(transcript(turns, None, None, None), "")  # type: ignore[attr-defined] # a macro

    assert words in html
    assert "refused because a person had the floor" in html

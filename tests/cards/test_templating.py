"""Escaping for each target."""

import jinja2
import pytest

from handoff.templating import environment, markdown, one_line, visible


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x1b", "\u202e", "\u2066", "\u200b", "\U000e0041", "\x9f"]
)
def test_what_cannot_be_seen_is_taken_out(hidden: str) -> None:
    """Controls, invisible and reordering characters never reach a person."""
    assert visible(f"a{hidden}b") == "ab"


def test_lone_surrogates_become_a_visible_mark() -> None:
    """What UTF-8 cannot carry is replaced, so that an answer can be encoded."""
    assert visible("a\ud800b") == "a?b"


@pytest.mark.parametrize(
    "text", ["*b*", "_i_", "`c`", "[x](y)", "<b>", "# h", "| a |", "~~x~~", "&lt;"]
)
def test_markdown_marks_are_escaped(text: str) -> None:
    """Each character that formats is written so that it does not."""
    assert all(f"\\{mark}" in markdown(text) for mark in set(text) & set("*_`[]<>#|~&"))


@pytest.mark.parametrize("text", ["- item", "1. item", "+ item", "---", "==="])
def test_a_text_cannot_begin_a_list_or_a_rule(text: str) -> None:
    """What stands at the start of a line is text, too."""
    assert "\\" in markdown(text)


@pytest.mark.parametrize("text", ["https://evil.example", "WWW.evil.example", "mailto:a@b.c"])
def test_a_bare_link_does_not_link_by_itself(text: str) -> None:
    """A link somebody said stays text."""
    assert "\\" in markdown(text)


def test_new_lines_become_spaces() -> None:
    """One value is one line."""
    assert one_line("a\n\r\n\tb\u2028c") == "a b c"


def test_each_environment_escapes_by_itself() -> None:
    """A template that forgets a filter is safe."""
    assert environment("html").from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    assert environment("md").from_string("{{ x }}").render(x="*b*") == "\\*b\\*"
    assert environment("txt").from_string("{{ x }}").render(x="a\nb") == "a b"


def test_a_missing_value_is_an_error() -> None:
    """A template never shows nothing where something was meant."""
    with pytest.raises(jinja2.UndefinedError):
        environment("txt").from_string("{{ missing }}").render()
